#include <stdio.h>
main() { int x = twice(4); printf("%d\n", x); helper(3); return 0; }
twice(n) { return n * 2; }
helper(n) int n; { printf("%d\n", n); }
