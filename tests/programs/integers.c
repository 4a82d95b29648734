#include <stdio.h>
#include <stdint.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
int main(void) {
  char c = 200; signed char sc = -1; unsigned char uc = 255; short s = -32768; unsigned short us = 65535;
  printf("%d %d %d %d %d\n", c, sc, uc, s, us);
  uc += 1; printf("%d\n", uc); uc = uc - 1; printf("%d\n", uc); uc <<= 1; printf("%d\n", uc);
  printf("%d\n", -1 < 1u); printf("%d\n", -1L < 1u); printf("%d\n", (unsigned char)-1 == -1);
  int i = INT_MAX; i++; printf("%d\n", i);
  unsigned u = 0; u--; printf("%u\n", u);
  long long ll = LLONG_MAX; unsigned long long ull = ULLONG_MAX; printf("%lld %llu\n", ll, ull);
  printf("%d %d\n", -7 / 2, -7 % 2); printf("%d\n", -7 >> 1); printf("%u\n", -7u >> 1);
  printf("%zu %zu %zu %zu %zu %zu\n", sizeof(char), sizeof(short), sizeof(int), sizeof(long), sizeof(long long), sizeof(void*));
  printf("%zu %zu %zu\n", sizeof(float), sizeof(double), sizeof(long double));
  printf("%zu %zu\n", sizeof 'a', sizeof(1L)); printf("%zu %zu %zu\n", sizeof(1u), sizeof(1.0f), sizeof(1ULL));
  printf("%d %d %d %d\n", 0x1F, 0b101, 017, '\x41'); printf("%d %d\n", '\377', '\0'); printf("%d\n", 'ab');
  bool b = 5; printf("%d\n", b); b = 0.5; printf("%d\n", b); _Bool bb = (void*)0; printf("%d\n", bb); b++; printf("%d\n", b); b--; printf("%d\n", b);
  printf("%d\n", (int)3.99); printf("%d\n", (int)-3.99); printf("%u\n", (unsigned)3e9); printf("%d\n", (char)300);
  float f = 0.1f; double d = 0.1; printf("%d %.10f %.20f\n", f == d, f, d);
  printf("%f %e %g\n", 1.5, 12345.678, 1e-5); printf("%f\n", 0x1.8p1); printf("%f\n", 1.5e3f);
  int64_t i64 = INT64_C(1) << 40; uint32_t u32 = UINT32_C(4000000000); printf("%ld %u\n", i64, u32);
  printf("%d %d\n", INT_MIN, -INT_MAX - 1); printf("%ld\n", LONG_MIN);
  printf("%zu %td\n", (size_t)10, (ptrdiff_t)-3);
  enum big { BIG = 0x80000000, SMALL = 1 }; printf("%u %zu\n", BIG, sizeof(enum big)); printf("%d\n", BIG > 0);
  enum huge { HUGE_ = 1LL << 40 }; printf("%ld %zu\n", (long)HUGE_, sizeof(enum huge));
  enum neg { NEG = -1, TWO = 2 }; enum neg n = NEG; printf("%d %d\n", n, n < 0);
  printf("%d\n", (1 ? -1 : 0u) > 0); printf("%d\n", sizeof(int) > -1);
  unsigned char x = 0x80; printf("%d\n", x << 1); printf("%d\n", ~x); printf("%x\n", (unsigned char)~x);
  short sh = 1; sh = sh << 15; printf("%d\n", sh); printf("%d\n", (short)40000);
  printf("%lu\n", (unsigned long)-1); printf("%d\n", !!5 + !0); printf("%d\n", 5 & 3 | 4 ^ 1);
  printf("%llu\n", 1ull << 63); printf("%d\n", 1 << 30); long double ld = 1.5L; printf("%Lf %.2Lf\n", ld, ld * 2);
  printf("%d\n", (int)sizeof(ld)); printf("%g\n", (double)(ld / 4));
  int y = 10; y += 3.7; printf("%d\n", y); y *= 1.5; printf("%d\n", y); y = y / 2.0; printf("%d\n", y);
  unsigned long big = 0xFFFFFFFFFFFFFFFF; double dd = big; printf("%.0f\n", dd); printf("%lu\n", (unsigned long)1.8e19);
  float ff = 16777217; printf("%.1f\n", ff); printf("%d\n", (int)(0.1f + 0.2f == 0.3f));
  return 0;
}
