#include <stdio.h>
#include <string.h>
#include <stdint.h>
#include <stddef.h>
struct P { int x, y; }; struct N { char c; struct P p; union { int i; float f; unsigned char b[4]; }; struct { short a, b2; }; };
struct bits { unsigned a:1, b:3, :0, c:5; int d:4; unsigned long e:40; };
struct __attribute__((packed)) pk { char a; int b; short c; };
struct pk2 { char a; int b __attribute__((packed)); } ;
struct al { char a; int b __attribute__((aligned(16))); } ;
struct al2 { char c; } __attribute__((aligned(32)));
#pragma pack(push, 1)
struct pp { char a; long b; };
#pragma pack(pop)
#pragma pack(2)
struct pp2 { char a; int b; };
#pragma pack()
struct flex { int n; char data[]; };
struct flex0 { int n; char data[0]; };
typedef int (*op_t)(int, int); typedef int fn(int);
static int add(int a, int b) { return a + b; } static int sub(int a, int b) { return a - b; }
static fn dbl; static int dbl(int x) { return 2 * x; }
struct ops { const char *name; op_t f; } table[] = { {"add", add}, {.f = sub, .name = "sub"}, };
op_t arr[2] = { [1] = add, [0] = sub };
int m[2][3] = { {1,2,3}, {4,5,6} }; int flat[2][2] = {1,2,3,4}; int des[10] = { [2] = 5, 6, [8] = 9 }; int rng[10] = { [1 ... 3] = 7, [5] = 1 };
struct P ps[] = { {1}, {.y = 2}, [4] = {5, 6} }; char str[] = "abc", s2[10] = "xy", s3[3] = "abc", s4[] = {'a','b',0}, s5[] = {"braced"};
const char *names[] = { "a", "b" "c", [3] = "d" };
struct N nn = { 'z', {1, 2}, {7}, {3, 4} }; struct N n2 = { .p.y = 9, .p.x = 8, .b = {1,2,3,4} };
struct { struct { int a[3]; } in[2]; } deep = { .in[1].a[2] = 5, .in[0] = { {1,2,3} } };
int (*fp(int k))(int,int) { return k ? add : sub; }
int sum(int a[][3], int n) { int s = 0; for (int i = 0; i < n; i++) for (int j = 0; j < 3; j++) s += a[i][j]; return s; }
struct P mk(int x, int y) { struct P p = { x, y }; return p; } struct big { int a[20]; }; struct big mkbig(int v) { struct big b; for (int i=0;i<20;i++) b.a[i]=v+i; return b; }
int psum(struct P p) { p.x++; return p.x + p.y; }
int main(void) {
  printf("%zu %zu %zu %zu %zu %zu %zu\n", sizeof(struct N), sizeof(struct bits), sizeof(struct pk), sizeof(struct pk2), sizeof(struct al), sizeof(struct al2), sizeof(struct pp));
  printf("%zu %zu %zu\n", sizeof(struct pp2), sizeof(struct flex), sizeof(struct flex0));
  printf("%zu %zu %zu\n", offsetof(struct pk, c), offsetof(struct al, b), offsetof(struct N, p.y));
  struct bits b = { 1, 5, 17, -3, 0xffffffffffUL }; b.a++; b.b += 4; printf("%d %d %d %d %lu\n", b.a, b.b, b.c, b.d, (unsigned long)b.e);
  struct pk k; memset(&k, 0, sizeof k); k.b = 0x01020304; k.c = 5; unsigned char *q = (unsigned char*)&k; for (size_t i = 0; i < sizeof k; i++) printf("%d ", q[i]); puts("");
  printf("%d %d %d\n", table[0].f(3,4), table[1].f(3,4), (*arr[1])(1,2)); printf("%d %d\n", fp(1)(5,6), (*fp(0))(5,6)); printf("%d\n", dbl(4));
  printf("%d %d\n", m[1][2], sum(m, 2)); for (int i=0;i<10;i++) printf("%d%d ", des[i], rng[i]); puts("");
  printf("%zu %d %d %d\n", sizeof ps / sizeof ps[0], ps[0].y, ps[1].y, ps[4].x); printf("%zu %zu %zu %zu %zu\n", sizeof str, sizeof s2, sizeof s3, sizeof s4, sizeof s5);
  printf("%s %s %d\n", names[1], names[3], names[2] == NULL); printf("%d %d %d %d\n", nn.i, nn.b2, nn.p.x, nn.a); printf("%d %d %d\n", n2.p.y, n2.i, n2.p.x); printf("%d %d\n", deep.in[1].a[2], deep.in[0].a[1]);
  printf("%d\n", mk(3,4).y); struct P p = mk(1,2), *pp = &p; printf("%d %d\n", psum(p), p.x); p = (struct P){ .y = 5 }; printf("%d %d\n", p.x, pp->y); printf("%d\n", psum((struct P){1,1})); printf("%d\n", mkbig(10).a[5]);
  int (*pa)[3] = m; printf("%d %d\n", pa[1][0], (*(pa+1))[1]); int *ip = &m[0][0]; printf("%d %td\n", ip[4], &m[1][0] - ip);
  union { uint32_t i; uint8_t b[4]; float f; } u = { 0x3f800000 }; printf("%f %x\n", u.f, u.b[3]); 
  struct P a1[3], *end = a1 + 3; int n = 0; for (struct P *it = a1; it < end; it++) { it->x = n++; it->y = n; } printf("%d\n", a1[2].y);
  struct P copy[3]; memcpy(copy, a1, sizeof copy); printf("%d %d\n", copy[1].x, memcmp(copy, a1, sizeof a1));
  int (*tab[2])(int,int) = { add, sub }; for (int i = 0; i < 2; i++) printf("%d ", tab[i](9, 4)); puts("");
  printf("%d\n", (&p)->x + (*pp).y); printf("%d\n", ((struct P[]){ {1,2}, {3,4} })[1].y); int *lit = (int[]){ 1, 2, 3 }; printf("%d\n", lit[2]);
  static int calls; for (int i = 0; i < 3; i++) { static int x = 10; x++; calls = x; } printf("%d\n", calls);
  printf("%d\n", 2[m[0]]); char *e = &str[1]; printf("%c%c\n", *e++, *e); printf("%zu\n", sizeof(struct { int a; char b; }));
  return 0;
}
