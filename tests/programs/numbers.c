#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void integers(const char *text, int base)
{
    char *end;
    long l;
    unsigned long u;
    errno = 0;
    end = NULL;
    l = strtol(text, &end, base);
    printf("'%s' %d: %ld %ld %d", text, base, l, end == NULL ? -1L : (long)(end - text), errno);
    errno = 0;
    u = strtoul(text, &end, base);
    printf(" %lu %ld %d", u, end == NULL ? -1L : (long)(end - text), errno);
    errno = 0;
    printf(" %lld %d", strtoll(text, NULL, base), errno);
    errno = 0;
    printf(" %llu %d %jd\n", strtoull(text, NULL, base), errno, strtoimax(text, NULL, base));
}

static void reals(const char *text)
{
    char *end;
    double d;
    float f;
    errno = 0;
    d = strtod(text, &end);
    printf("'%s' %.17g %a %ld %d", text, d, d, (long)(end - text), errno);
    errno = 0;
    f = strtof(text, &end);
    printf(" %.9g %ld %d %g %g\n", f, (long)(end - text), errno, atof(text), (double)strtold(text, NULL));
}

int main(void)
{
    static const char *const texts[] = { "0", "1", "-1", "+1", "  42", "\t\n\v\f\r7", "42abc", "abc", "", " ", "-", "+", "--1", "+-1", "- 1", "0x", "0x1f", "0X1F", "0xg", "-0x10",
        "010", "08", "09", "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
        "-18446744073709551615", "-18446744073709551616", "99999999999999999999999", "-99999999999999999999999", "zz", "Zz9", "1010", "12_3", "1 2", "1.5", "1e3", "0b11", "00x1" };
    static const int bases[] = { 10, 0, 16, 8, 2, 36, 3, 1, 37, -1 };
    static const char *const decimals[] = { "0", "-0", "1", "1.5", ".5", "5.", ".", "", "-", "abc", "1e5", "1e", "1e+", "1e-5", "1E5x", "  2.5 ", "1e400", "-1e400", "1e-400", "1e-310", "4.9e-324", "2e-324", "3e-324",
        "1.7976931348623157e308", "1.7976931348623159e308", "2.2250738585072014e-308", "2.2250738585072011e-308", "inf", "-INF", "infinity", "infinit", "INFINITYx", "nan", "NAN(123)", "nan(", "nan(a b)", "-nan", "in", "na",
        "0x", "0x1", "0x1p", "0x1p4", "0x1.8p1", "0x.8", "0x.", "0x1p-1074", "0x1p-1075", "0x1.8p-1075", "0x1p1023", "0x1p1024", "0x1.fffffffffffff8p0", "0x1.fffffffffffff7p0", "0x1.00000000000008p0", "0x1.00000000000018p0", "0x1.000001p0", "0x1.000003p0",
        "0x123456789abcdef0123p0", "0x1p-149", "0x1p-150", "0x1p99999999999", "0x0p99999999999", "0x.00000000000000000001p80", "3.4028235e38", "3.4028236e38", "1e39", "1e-46", "1.17549435e-38", "0.1", "123456789012345678901234567890", "1.0000000000000000000000000000000001", "0.30000000000000004", "9007199254740993", "1,5", "1_0", "+.5e1", "1..2" };
    static const double values[] = { 0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.49999999999999994, 1e300, -1e-300, 3.7, -3.7, 4503599627370497.5, 9007199254740993.0, 1e16, 5e-324, 2, 3, 10, 100, 7.25, 2147483648.5 };
    size_t i, j;
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (j = 0; j < sizeof bases / sizeof bases[0]; j++)
            integers(texts[i], bases[j]);
        printf("%d %ld %lld\n", atoi(texts[i]), atol(texts[i]), atoll(texts[i]));
    }
    for (i = 0; i < sizeof decimals / sizeof decimals[0]; i++)
        reals(decimals[i]);
    printf("%d %ld %lld %ld\n", abs(-5), labs(-6), llabs(-7), labs(LONG_MAX));
    printf("%d %d %ld %ld %lld %lld\n", div(-7, 2).quot, div(-7, 2).rem, ldiv(7, -2).quot, ldiv(7, -2).rem, lldiv(-9, 4).quot, lldiv(-9, 4).rem);
    errno = 0;
    printf("%d %d\n", reallocarray(NULL, (size_t)-1, 2) == NULL, errno);
    for (i = 0; i < sizeof values / sizeof values[0]; i++) {
        double x = values[i], whole, part;
        int exponent;
        printf("%g: %.17g %.17g %.17g %.17g %.17g %.17g %.17g", x, floor(x), ceil(x), trunc(x), round(x), rint(x), nearbyint(x), fabs(x));
        part = modf(x, &whole);
        printf(" %.17g %.17g", part, whole);
        part = frexp(x, &exponent);
        printf(" %.17g %d %d %.17g", part, exponent, !!signbit(x), ldexp(x, 3));
        if (x >= 0)
            printf(" %.17g %.9g", sqrt(x), sqrtf(x));
        for (j = 0; j < sizeof values / sizeof values[0]; j++)
            printf(" %g", values[j] != 0 ? fmod(x, values[j]) : 0.0);
        printf(" %g %g %g %g\n", fmax(x, 1), fmin(x, 1), fdim(x, 1), copysign(x, -1));
    }
    for (i = 0; i < 40; i++)
        printf("%.17g %.17g %.17g\n", sqrt(i), sqrt(i * 1e-310), sqrt(i * 1.1e200));
    for (i = 0; i < 34; i++)
        printf("%g %g %g %.17g %g\n", pow(2, i), pow(3, i), pow(-2, i), pow(2, -(double)i), pow(0.5, i));
    printf("%g %g %g %g %g %g\n", pow(10, 15), pow(7, 0), pow(1, 1e300), pow(25, 0.5), pow(-1, 5), pow(0, 3));
    printf("%ld %ld %lld\n", lround(2.5), lrint(2.5), llround(-2.5));
    printf("%d %d %d %d %f %f\n", isnan(NAN) != 0, isinf(INFINITY) != 0, isfinite(1.0) != 0, isinf(HUGE_VAL) != 0, INFINITY, NAN);
    printf("%g %g %g %g\n", ldexp(1, 1023), ldexp(1, -1074), ldexp(1.5, -1074), ldexp(0.75, 2000));
    srand(1);
    for (i = 0; i < 40; i++)
        printf("%d ", rand());
    srand(0);
    printf("%d ", rand());
    srand(42);
    printf("%d %ld ", rand() % 100, random());
    srandom(4294967295u);
    printf("%ld\n", random());
    {
        unsigned seed = 7;
        unsigned short x[3] = { 1, 2, 3 };
        for (i = 0; i < 5; i++)
            printf("%d %u ", rand_r(&seed), seed);
        srand48(12345);
        for (i = 0; i < 5; i++)
            printf("%.17g %ld %ld %.17g %ld %ld\n", drand48(), lrand48(), mrand48(), erand48(x), nrand48(x), jrand48(x));
        srand48(-1);
        printf("%ld\n", mrand48());
        seed48(x);
        printf("%ld\n", lrand48());
    }
    return 0;
}
