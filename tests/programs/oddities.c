#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdarg.h>
/* oddities */
extern int printf(const char *, ...);
int (*(*fpp)(int))(int); static int id(int x) { return x; } static int (*pick(int n))(int) { (void)n; return id; }
typedef struct { int x; } T; typedef T *TP; T (*tf)(T); static T tt(T t) { t.x *= 2; return t; }
struct outer { struct inner { int a; } in; enum { P, Q, R } e; union { int u1; char u2[4]; }; int : 4; unsigned b : 3; };
struct inner top = { 5 }; static struct inner tops[] = { [2] = { .a = 3 }, { 4 }, [0].a = 1 };
static const struct { const char *k; int v; } kv[] = { { "one", 1 }, { "two", 2 }, { NULL, 0 } };
int matrix[][3] = { { 1, 2, 3 }, { 4 } }; char *strs[] = { [0 ... 2] = "same", "end" }; static int *ip = &matrix[1][0]; static char *cp = "abc" + 1; int *np = 0; static long off = (long)&((struct outer *)0)->e;
static void (*const fns[])(void) = { 0 }; unsigned char bytes[] = "\x01\x02\0\377"; char esc[] = "a\0b"; static int (*arr_of_fp[2][2])(int) = { { id, id }, { id } };
#define CONCAT3(a, b, c) a ## b ## c
#define VA(...) __VA_ARGS__
#define FIRST(a, ...) a
#define REST(a, ...) __VA_ARGS__
#define DO(x) do { x; } while (0)
#define LPAREN (
#define NESTED(x) (x + FIRST(x, 2))
#define SELF SELF + 1
#define f(x) g(x) * 2
#define g(x) f(x) + 1
static int vprint(const char *fmt, ...) { va_list ap; va_start(ap, fmt); int n = vprintf(fmt, ap); va_end(ap); return n; }
static double avg(int n, ...) { va_list ap; va_start(ap, n); double s = 0; for (int i = 0; i < n; i++) s += va_arg(ap, double); va_end(ap); return s / n; }
static void strs_of(int n, ...) { va_list ap; va_start(ap, n); for (int i = 0; i < n; i++) { char *s = va_arg(ap, char *); long l = va_arg(ap, long); unsigned char c = va_arg(ap, int); printf("%s %ld %c;", s, l, c); } va_end(ap); puts(""); }
static int ack(int m, int n) { return !m ? n + 1 : !n ? ack(m - 1, 1) : ack(m - 1, ack(m, n - 1)); }
static unsigned hash(const char *s) { unsigned h = 5381; int c; while ((c = *s++)) h = ((h << 5) + h) + c; return h; }
static void bubble(int *a, int n) { int swapped; do { swapped = 0; for (int i = 1; i < n; i++) if (a[i - 1] > a[i]) { int t = a[i]; a[i] = a[i - 1]; a[i - 1] = t; swapped = 1; } } while (swapped); }
static char *rev(char *s) { char *p = s, *q = s + strlen(s) - 1; while (p < q) { char t = *p; *p++ = *q; *q-- = t; } return s; }
static int parse(const char *s) { enum { START, NUM, DONE } st = START; int v = 0; for (;; s++) { switch (st) { case START: if (*s >= '0' && *s <= '9') { st = NUM; case NUM: if (*s < '0' || *s > '9') { st = DONE; break; } v = v * 10 + *s - '0'; } else if (!*s) return -1; break; case DONE: return v; } if (!*s) return v; } }
int main(void)
{
  fpp = pick; printf("%d %d\n", fpp(1)(4), (*pick)(0)(5)); tf = &tt; TP tp = &(T){ 6 }; printf("%d %d\n", tf(*tp).x, (*tf)((T){ 1 }).x); struct outer o = { { 1 }, R, { .u2 = "ab" }, 5 }; printf("%d %d %s %u\n", o.in.a, o.e, o.u2, o.b);
  printf("%d %d %d %d %zu\n", tops[0].a, tops[2].a, tops[3].a, top.a, sizeof tops / sizeof *tops); for (int i = 0; kv[i].k; i++) printf("%s=%d ", kv[i].k, kv[i].v); puts(""); printf("%zu %s %s %d %s %ld\n", sizeof matrix, strs[2], strs[3], *ip, cp, off); printf("%zu %d %zu %d\n", sizeof bytes, bytes[3], sizeof esc, arr_of_fp[1][1] == 0);
  int CONCAT3(a, b, c) = 3; printf("%d %d %d %d\n", abc, FIRST(1, 2, 3), FIRST(REST(1, 2, 3)), NESTED(4)); int SELF_ = 1; (void)SELF_; printf("%s\n", VA("x" "y")); DO(printf("do\n")); 
  vprint("%d %s %c %5.2f|%-5d|%05d|%x|%lu\n", 1, "s", 'c', 3.14159, 42, 42, 255, 7UL); printf("%g\n", avg(3, 1.0, 2.0, 4.5)); strs_of(2, "a", 1L, 'x', "b", 2L, 'y'); printf("%d %u\n", ack(2, 3), hash("hello")); int a[] = { 3, 1, 2 }; bubble(a, 3); printf("%d%d%d\n", a[0], a[1], a[2]); char s[] = "reverse"; printf("%s %d\n", rev(s), parse("x123y"));
  int x = 10; x = x > 5 ? x < 20 ? 1 : 2 : 3; printf("%d\n", x); x ^= x << 3, x |= 1; printf("%d\n", x); int y = (1, 2, 3); printf("%d\n", y); printf("%d\n", !x == 0 && y || 0); printf("%d\n", -5 % 3 + -5 / 3); printf("%d\n", 7 & ~2 | 8 ^ 1 << 2); printf("%d %d\n", 1 < 2 < 3, 3 > 2 > 1); 
  char c = 'a'; c += 1; c++; ++c; printf("%c %d\n", c, c); short sh = 32767; sh++; printf("%d\n", sh); unsigned char uc = 200; uc += 100; printf("%d\n", uc); signed char sc = 127; sc++; printf("%d\n", sc); int i = 5; i = i-- - --i; (void)i; float fl = 1.0f / 3; printf("%.7f %.3e\n", fl, fl * 1e10); double d = 1e300 * 1e10; printf("%f %f\n", d, -d); printf("%d\n", (int)'\xff'); printf("%d\n", 0x7fffffff + 0); printf("%lu\n", 0xffffffff + 1UL); printf("%u\n", 0xffffffff + 1);
  int *p = a, *q = &a[2]; printf("%td %d %d\n", q - p, p < q, *p++ + *p); void *vp = a; printf("%d\n", *((int *)vp + 1)); int **pp = &p; printf("%d\n", **pp); char *cs = (char *)a; printf("%d\n", cs[0]); const char *lit = "lit" "eral"; printf("%s %c\n", lit, *lit); printf("%.*s|%*d\n", 3, lit, 6, 42); size_t len = strlen(lit); printf("%zu\n", len); long ptr = (long)p; printf("%d\n", (int *)ptr == p); if (p && *p) printf("ok\n"); if (!np) printf("null\n");
  { int a = 1; { int a = 2; printf("%d\n", a); } printf("%d\n", a); } for (int a = 0, b = 3; a < b; a++, b--) printf("%d%d ", a, b); puts(""); int n = 3; while (n --> 0) printf("%d", n); puts(""); outer: for (;;) { for (int k = 0;; k++) { if (k == 3) goto done; } goto outer; } done: puts("done"); 
  static int fib[20] = { 1, 1 }; for (int i = 2; i < 20; i++) fib[i] = fib[i - 1] + fib[i - 2]; printf("%d\n", fib[19]); struct { int w, h; } sz[] = { { 1, 2 }, { 3, 4 } }, *sp = sz; printf("%d %d\n", sp++->w, sp->h); printf("%zu %zu\n", sizeof sz, sizeof(sz[0].w)); printf("%d\n", ((void)0, 5)); enum { LOCAL = 7 }; int la[LOCAL]; printf("%zu\n", sizeof la); _Bool t = 3 > 2; printf("%d %zu\n", t + t, sizeof(t)); printf("%d\n", sizeof(int) == 4 ? 1 : 0); return EXIT_SUCCESS;
}
