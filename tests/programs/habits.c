#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <stddef.h>
#include <stdint.h>
#include <float.h>
#include <limits.h>
#include <iso646.h>
#include <stdalign.h>
#include <stdnoreturn.h>
typedef struct node { struct node *next; int v; } node_t;
static node_t *push(node_t *h, int v) { node_t *n = malloc(sizeof *n); *n = (node_t){ h, v }; return n; }
typedef void handler(int); static handler *handlers[3]; static int last; static void h1(int x) { last = x; }
typedef int (*cmp_fn)(const void *, const void *); static int cmp(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
static void isort(void *base, size_t n, size_t sz, cmp_fn f) { char *b = base, t[64]; for (size_t i = 1; i < n; i++) for (size_t j = i; j > 0 && f(b + j * sz, b + (j - 1) * sz) < 0; j--) { memcpy(t, b + j * sz, sz); memcpy(b + j * sz, b + (j - 1) * sz, sz); memcpy(b + (j - 1) * sz, t, sz); } }
#define container_of(ptr, type, member) ({ const typeof(((type *)0)->member) *m_ = (ptr); (type *)((char *)m_ - offsetof(type, member)); })
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define max(a, b) ({ __auto_type _a = (a); __auto_type _b = (b); _a > _b ? _a : _b; })
#define FOREACH(i, n) for (int i = 0; i < (n); ++i)
#define X_LIST X(red, 1) X(green, 2) X(blue, 4)
#define X(n, v) n = v,
enum colors { X_LIST };
#undef X
#define X(n, v) #n,
static const char *color_names[] = { X_LIST };
#undef X
union val { int i; float f; struct { unsigned lo : 16, hi : 16; }; };
struct opt { const char *name; union val v; int (*check)(int); struct { int lo, hi; } range; } opts[] = {
  { "a", { .i = 3 }, 0, { 1, 2 } }, { .name = "b", .v.f = 1.5f, .range = { .hi = 9 } }, [3] = { "d", .range.lo = 4, 5 }, };
struct matrix { int m[2][2]; } id = { .m = { [0][0] = 1, [1][1] = 1 } }; int tri[3][3] = { { 1 }, { 2, 3 }, { 4, 5, 6 } };
char table[][4] = { "abc", "de", "f" }; const char *const days[7] = { "mo", "tu" }; int cube[2][2][2] = { 1, 2, 3, 4, { 5, 6 } };
static int counter(void) { static int n = 5; return n++; }
int global_tentative; int global_tentative; int global_tentative = 4; extern int ext; int ext = 6; static int fwd(int); 
struct a { struct b *pb; }; struct b { struct a *pa; int v; }; 
noreturn void fail(void) { exit(9); }
inline static int sq(int x) { return x * x; } 
int main(int argc, char *argv[]) {
  node_t *l = NULL; for (int i = 0; i < 4; i++) l = push(l, i); for (node_t *n = l, *nx; n; n = nx) { nx = n->next; printf("%d ", n->v); free(n); } puts("");
  handlers[1] = h1; handlers[1](7); (*handlers[1])(8); (**handlers[1])(9); printf("%d %d\n", last, handlers[0] == NULL); int a[] = { 5, 3, 9, 1 }; isort(a, ARRAY_SIZE(a), sizeof *a, cmp); FOREACH(i, 4) printf("%d ", a[i]); puts("");
  struct b bb = { .v = 3 }; struct a aa = { &bb }; bb.pa = &aa; printf("%d %d\n", aa.pb->pa->pb->v, container_of(&bb.v, struct b, v) == &bb); printf("%d %.1f\n", max(3, 4), max(2.5, 1)); printf("%s %d %d\n", color_names[2], blue, green | red);
  printf("%d %g %d %d %d %d\n", opts[0].v.i, opts[1].v.f, opts[1].range.hi, opts[2].name == NULL, opts[3].range.lo, opts[3].range.hi); printf("%d%d%d%d %d %d\n", id.m[0][0], id.m[0][1], id.m[1][0], id.m[1][1], tri[1][1], tri[2][2]); printf("%s %zu %s %d %d\n", table[1], sizeof table, days[1], days[2] == 0, cube[1][0][1]);
  union val v = { 0x12345678 }; printf("%x %x\n", v.lo, v.hi); v.hi = 0xffff; printf("%x\n", v.i); printf("%d %d %d\n", counter(), counter(), counter()); printf("%d %d %d\n", global_tentative, ext, fwd(2)); int x = 3, *p = &x, **pp = &p; **pp = 4; printf("%d %d\n", x, *&*p); 
  char buf[] = "hello"; for (char *s = buf; *s; s++) *s ^= 0x20; puts(buf); char *e = buf + strlen(buf); while (e > buf) putchar(*--e); puts(""); printf("%c%c\n", "abc"[1], *("xyz" + 2)); printf("%zu %zu\n", sizeof "abc", sizeof(char[10])); 
  int n = 0; n += n++ ? 1 : 2; printf("%d\n", n >= 2); unsigned u = 5; printf("%d\n", u - 10 > 0); printf("%d\n", (int)(u - 10) < 0); int arr[3][4]; int (*row)[4] = arr; for (int i = 0; i < 12; i++) (*row)[i % 4 + 0] = i, i % 4 == 3 ? row++ : row; printf("%d %td\n", arr[2][3], row - arr);
  long double ld = 1; ld /= 4; printf("%.3Lf %zu %d\n", ld, sizeof ld, (int)alignof(max_align_t)); printf("%d %d %g\n", INT_MAX, CHAR_BIT, DBL_EPSILON); if (x == 4 and not (x != 4)) puts("iso"); alignas(64) static char al[3]; printf("%d\n", (int)((uintptr_t)al % 64)); wchar_t w[] = L"wide"; printf("%zu %d\n", sizeof w, w[1] == L'i'); char16_t_test: ; 
  printf("%d\n", sq(5)); printf("%d %d\n", __builtin_popcount(255), __builtin_clz(1)); printf("%d %d %d %lx\n", __builtin_ctz(8), __builtin_ffs(0), __builtin_ffsl(16), __builtin_bswap64(0x0102030405060708)); printf("%d %d\n", __builtin_constant_p(3), __builtin_types_compatible_p(int, unsigned)); struct { int a; char c; } an = { 1, 'c' }, an2 = an; printf("%d %c\n", an2.a, an2.c);
  int sw = 3; switch (sw) { default: puts("def"); break; case 1: case 2: puts("12"); } do { int k = 1; if (k) continue; puts("never"); } while (0); for (;;) { if (sw-- == 0) break; } printf("%d\n", sw); goto end; puts("skipped"); end: printf("%s\n", argc > 0 ? argv[argc] == NULL ? "null" : "x" : "y");
  struct bf { int a : 3; unsigned b : 3; signed char c : 4; _Bool d : 1; } bf = { 0 }; bf.a = 5; bf.b = 9; bf.c = -8; bf.d = 2; printf("%d %d %d %d %zu\n", bf.a, bf.b, bf.c, bf.d, sizeof bf); bf.a--; bf.b++; printf("%d %d\n", bf.a, bf.b); printf("%d\n", (bf.b = 15)); const int ci = 3; const int *cp = &ci; int const *const ccp = cp; printf("%d\n", *ccp); 
  printf("%s\n", (char[]){ 'o', 'k', 0 }); printf("%d\n", ((int[2][2]){ { 1, 2 }, { 3, 4 } })[1][0]); struct matrix *mp = &(struct matrix){ { { 7 } } }; printf("%d %d\n", mp->m[0][0], (*mp).m[1][1]); printf("%d\n", (int)sizeof(struct { char c[3]; short s; })); int (*fpa[])(int) = { sq, fwd }; printf("%d\n", fpa[1](3)); printf("%d\n", *(int *)(void *)&(int){ 42 });
  return 3;
}
static int fwd(int x) { return x + 100; }
