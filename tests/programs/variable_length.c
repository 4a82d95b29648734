#include <stdio.h>
#include <string.h>
#include <stdlib.h>
int trace(int n, int a[n][n]) { int s = 0; for (int i = 0; i < n; i++) s += a[i][i]; return s; }
void fill(int r, int c, double m[r][c]) { for (int i = 0; i < r; i++) for (int j = 0; j < c; j++) m[i][j] = i * 10 + j; }
int first(int n, int a[static n]) { return a[0]; }
int total(size_t n, const int a[const]) { int s = 0; for (size_t i = 0; i < n; i++) s += a[i]; return s; }
void proto(int n, int a[*]); 
void proto(int n, int a[n]) { a[n-1] = 7; }
static int rec(int d) { char buf[d * 10 + 1]; memset(buf, 'x', sizeof buf); buf[d*10] = 0; return d == 0 ? (int)strlen(buf) : (int)strlen(buf) + rec(d - 1); }
int main(void) {
  int n = 5; int a[n][n]; for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) a[i][j] = i == j ? i : 100;
  printf("%d %zu %zu %zu\n", trace(n, a), sizeof a, sizeof a[0], sizeof(a) / sizeof(a[0]));
  double m[2][3]; fill(2, 3, m); printf("%g\n", m[1][2]);
  for (int k = 1; k < 2000; k++) { char b[k]; b[k-1] = 1; if (k % 500 == 0) printf("%zu\n", sizeof b); }
  int (*p)[n] = a; p++; printf("%d %td\n", (*p)[1], (char*)p - (char*)a); int (*h)[n] = malloc(sizeof(int[n][n])); h[4][4] = 3; printf("%d %zu\n", h[4][4], sizeof *h); free(h);
  typedef int row[n]; row r; n = 7; printf("%zu %zu\n", sizeof r, sizeof(row)); int z[n++]; printf("%d %zu\n", n, sizeof z); printf("%zu\n", sizeof(int[n]));
  proto(7, z); printf("%d\n", z[6]); printf("%d\n", rec(10)); int t3[2][n][3]; t3[1][2][2] = 5; printf("%zu %d\n", sizeof t3, t3[1][2][2]); int *ip = &t3[0][0][0]; printf("%td\n", &t3[1][2][2] - ip);
  char *al = __builtin_alloca(10); strcpy(al, "alloca"); puts(al); int c[3] = {1,2,3}; printf("%d %d\n", total(3, c), first(3, c));
  int i = 0; loop: { int w[i + 1]; w[i] = i; if (w[i] < 3) { i++; goto loop; } printf("%zu\n", sizeof w); }
  while (1) { int q[n]; q[0] = 1; if (q[0]) break; } const int N = 4; int cn[N]; cn[3] = 1; printf("%zu\n", sizeof cn); char s[strlen("hello") + 1]; strcpy(s, "hello"); puts(s);
  return 0;
}
