#include <stdio.h>
#include <string.h>
#include <alloca.h>
#define max(a, b) ({ typeof(a) _x = (a); typeof(b) _y = (b); _x > _y ? _x : _y; })
struct s { int a, b; char c[5]; };
static int add3(int a, int b, int c) { return a + 10 * b + 100 * c; }
static int loop(int n) { int t = 0; for (int i = 0; i < n; i++) { t += ({ if (i == 2) continue; if (i == 6) break; i; }); } return t; }
static struct s mk(int a) { return (struct s){ a, a + 1, "abcd" }; }
static int vla_in(int n) { return ({ int v[n]; for (int i = 0; i < n; i++) v[i] = i; int s = 0; for (int i = 0; i < n; i++) s += v[i]; s; }) + ({ char c[n + 1]; memset(c, 1, n); (int)sizeof c; }); }
static int early(int x) { int y = ({ if (x) return 7; 3; }); return y; }
static long sum2(int r, int c, int m[r][c]) { long t = 0; int (*p)[c] = m; for (; p < m + r; p++) for (int *q = *p; q < *p + c; q++) t += *q; return t; }
static int many(int n) { int t = 0; for (int i = 1; i <= n; i++) { int a[i]; for (int j = 0; j < i; j++) { int b[j + 1][2]; b[j][1] = j; a[j] = b[j][1]; struct s x = mk(j); t += x.a + (&(struct s){ j, 2, "x" })->b; } t += a[i - 1]; if (i % 7 == 3) continue; char *p = alloca(i); p[0] = 1; t += p[0]; } return t; }
int main(void)
{
  int x = 3, y = 4, z[3] = { 1, 2, 3 }; printf("%d %d\n", max(x, max(y, 2)), add3(max(1, 2), ({ int q = x; q++; q; }), max(x + 1, y * 2))); printf("%d %d %d\n", loop(10), vla_in(5), early(1) + early(0));
  struct s r = ({ struct s t = mk(5); t.a++; t; }); printf("%d %d %s\n", r.a, r.b, r.c); printf("%s %d\n", ({ mk(3); }).c, mk(8).b); int i = 0; z[({ i++; i; })] += ({ int k = 5; k * 2; }); printf("%d %d %d %d\n", z[0], z[1], z[2], i);
  int m[3][4]; for (int k = 0; k < 12; k++) m[k / 4][k % 4] = k; printf("%ld %d\n", sum2(3, 4, m), many(30)); int n = 3; int (*vp)[n] = (int (*)[n])&m[0][0]; printf("%d %zu %zu\n", vp[2][1], sizeof *vp, sizeof vp[0] / sizeof vp[0][0]); typedef int V[n + 1]; V v1, *v2 = &v1; (*v2)[n] = 9; printf("%d %zu\n", v1[3], sizeof(V)); 
  switch (n) { case 3: { int w[n]; w[2] = 4; printf("%d\n", w[2]); break; } default: puts("no"); } int cnt = 0; while (cnt < 3) { int w[cnt + 1]; w[cnt] = cnt; if (w[cnt++] == 1) continue; } printf("%d\n", cnt); do { char w[cnt]; w[0] = 1; cnt -= w[0]; } while (cnt); printf("%d\n", cnt); printf("%d\n", (x > 2 ? ({ y = 9; y; }) : 0) + y * 0); int g = x && ({ y == 9; }); printf("%d\n", g); printf("%zu %zu\n", sizeof(({ int q = 1; q; })), sizeof(int[n]) + sizeof(char[({ n++; n; })])); printf("%d\n", n); for (int k = 0; k < ({ 3; }); k++) printf("%d", k); puts(""); 
  double d = ({ float f = 1.5f; f; }); printf("%g\n", d); (void)({ puts("v"); 1; }); ({ puts("w"); }); const char *str = ({ static char b[8]; strcpy(b, "st"); b; }); puts(str); int a2[2][n]; a2[1][n - 1] = 5; int *last = &a2[1][n - 1]; printf("%d %td\n", *last, last - a2[0]); unsigned char uc = 10; uc += 1.7; uc *= 2.5; uc -= 300; printf("%d\n", uc); float fl = 3; fl /= 2; fl += 1; printf("%g\n", fl); int sh = 1; sh <<= 3L; printf("%d\n", sh); long ll = 1; ll <<= (char)40; printf("%ld\n", ll); int iv = 7; iv %= 4u; printf("%d\n", iv); iv -= 10u; printf("%d\n", iv); iv /= 3u; printf("%d\n", iv); _Bool bb = 0; bb += 5; bb |= 2; printf("%d\n", bb); char ch = 100; ch *= 2; printf("%d\n", ch); int *pi = z; pi += 2; pi -= 1L; printf("%td\n", pi - z); unsigned long ul = 5; ul -= 6; printf("%lu\n", ul); int cmp = -1 < (unsigned char)1; printf("%d\n", cmp); return 0;
}
