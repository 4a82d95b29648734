#include <stdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
static int vsum(int n, va_list ap) { int s = 0; while (n--) s += va_arg(ap, int); return s; }
static int sum(int n, ...) { va_list ap, ap2; va_start(ap, n); va_copy(ap2, ap); int a = vsum(n, ap), b = vsum(n, ap2); va_end(ap); va_end(ap2); return a + b; }
static void send(char *to, char *from, int count) { int n = (count + 7) / 8; switch (count % 8) { case 0: do { *to++ = *from++; case 7: *to++ = *from++; case 6: *to++ = *from++; case 5: *to++ = *from++; case 4: *to++ = *from++; case 3: *to++ = *from++; case 2: *to++ = *from++; case 1: *to++ = *from++; } while (--n > 0); } }
int old(a, b) int a; char *b; { return a + b[0]; }
static int noargs() { return 4; }
kr() { return 3; }
static inline int in(int x) { return x * 2; }
_Noreturn void die(void) { exit(3); }
int range(int c) { switch (c) { case 'a' ... 'z': return 1; case '0' ... '9': return 2; default: return 0; } }
enum color { RED, GREEN = 5, BLUE };
const char *name(enum color c) { switch (c) { case RED: return "red"; case GREEN: return "green"; case BLUE: return "blue"; } return "?"; }
int fact(int n) { return n < 2 ? 1 : n * fact(n - 1); }
int isodd(int); int iseven(int n) { return n == 0 ? 1 : isodd(n - 1); } int isodd(int n) { return n == 0 ? 0 : iseven(n - 1); }
#define TYPE(x) _Generic((x), int: "int", double: "double", char *: "char*", const char *: "cchar*", default: "other")
_Static_assert(sizeof(int) == 4, "int");
int later_used(int);
int main(int argc, char **argv, char **envp) {
  (void)envp; printf("%d\n", sum(3, 1, 2, 3)); char a[21] = "01234567890123456789", b[21] = {0}; send(b, a, 20); puts(b);
  printf("%d %d %d %d\n", old(1, "A"), noargs(), kr(), in(4)); printf("%d %d %d\n", range('q'), range('5'), range('!')); puts(name(BLUE)); printf("%d %d\n", fact(10), iseven(10));
  int i = 0; again: if (i++ < 3) goto again; printf("%d\n", i);
  for (int i = 0, j = 10; i < j; i += 2, j--) { if (i == 4) continue; if (i == 8) break; printf("%d,%d ", i, j); } puts("");
  int x = 5, y; y = x++ + ++x; printf("%d %d\n", x, y); y = (x > 3, x * 2); printf("%d\n", y); int *np = NULL; printf("%d\n", np ? 2 : &x ? 1 : 0); printf("%d\n", x ?: 9); x = 0; printf("%d\n", x ?: 9); x = x ?: x + 1; printf("%d\n", x);
  printf("%s %s %s %s\n", TYPE(1), TYPE(1.0), TYPE("s"), TYPE(1L)); int v = ({ int t = 3; t * 2; }); printf("%d\n", v);
  { int n = 4; int vla[n]; for (int i = 0; i < n; i++) vla[i] = i * i; printf("%d %zu\n", vla[3], sizeof vla); }
  do { if (v) break; puts("no"); } while (0); switch (3) { int q; case 3: q = 4; printf("%d\n", q); }
  goto in; { int z; in: z = 3; printf("%d\n", z); }
  while (1) { switch (v) { case 6: v = 0; continue; case 0: goto out; } } out:;
  char *s = "a\tb\\\x41\101\n"; printf("%s%zu\n", s, strlen(s)); printf("%s\n", "adj" "acent" " strings"); printf("한글 %zu\n", strlen("한글")); int größe = 3; printf("%d\n", größe);
  printf("%d\n", __builtin_expect(x == 1, 1)); printf("%x %x\n", __builtin_bswap16(0x1234), __builtin_bswap32(0x12345678)); printf("%zu %zu\n", _Alignof(double), __alignof__(int)); typeof(x) t2 = 4; __typeof__(int *) p2 = &t2; printf("%d\n", *p2);
  register int r = 3; volatile int vo = 4; const int co = 5; auto int au = 6; printf("%d\n", r + vo + co + au); int *restrict rp = &x; printf("%d\n", *rp);
  if (argc > 100) die(); printf("%d\n", later_used(2)); printf("%s\n", argv[0] ? "y" : "n"); _Alignas(16) char ab[3]; printf("%d\n", (int)((unsigned long)ab % 16)); const char fn[] = "x"; printf("%s %s\n", __func__, __FUNCTION__); printf("%s\n", __PRETTY_FUNCTION__);
  int arr[] = {3,1,2}; for (unsigned i = 0; i < sizeof arr / sizeof *arr; ++i) for (unsigned j = i + 1; j < 3; ++j) if (arr[i] > arr[j]) { int t = arr[i]; arr[i] = arr[j]; arr[j] = t; } printf("%d%d%d\n", arr[0], arr[1], arr[2]);
  return 0;
}
int later_used(int x) { extern int glob; return x + glob; }
int glob = 40;
