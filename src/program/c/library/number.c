/* Numbers from text, and arithmetic of <stdlib.h> and <inttypes.h>. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What so many characters say, a decimal number; as a float if `single`. */
double __sockscope_decimal(const char *text, size_t length, int single);

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

static const char *after_space(const char *s)
{
    while (*s == ' ' || (*s >= '\t' && *s <= '\r'))
        s++;
    return s;
}

/* `most` is what a number without its sign may be at most, `least` a negative one. */
static unsigned long read_integer(const char *nptr, char **endptr, int base, unsigned long most, unsigned long least)
{
    const char *at, *start;
    unsigned long value = 0, limit;
    int negative, over = 0;
    if (base < 0 || base == 1 || base > 36) {
        errno = EINVAL;
        return 0;
    }
    at = after_space(nptr);
    negative = *at == '-';
    if (*at == '-' || *at == '+')
        at++;
    if ((base == 0 || base == 16) && at[0] == '0' && (at[1] | 32) == 'x' && digit_of(at[2]) < 16) {
        base = 16;
        at += 2;
    } else if (base == 0) {
        base = *at == '0' ? 8 : 10;
    }
    limit = negative ? least : most;
    for (start = at; digit_of(*at) < base; at++) {
        if (value > (limit - digit_of(*at)) / base)
            over = 1;
        value = value * base + digit_of(*at);
    }
    if (endptr != NULL)
        *endptr = (char *)(at > start ? at : nptr);
    if (over) {
        errno = ERANGE;
        return most == ULONG_MAX ? most : limit;
    }
    return negative ? -value : value;
}

long strtol(const char *restrict nptr, char **restrict endptr, int base) {
    return read_integer(nptr, endptr, base, LONG_MAX, 1UL << 63);
}

unsigned long strtoul(const char *restrict nptr, char **restrict endptr, int base) {
    return read_integer(nptr, endptr, base, ULONG_MAX, ULONG_MAX);
}

long long strtoll(const char *restrict nptr, char **restrict endptr, int base) {
    return read_integer(nptr, endptr, base, LONG_MAX, 1UL << 63);
}

unsigned long long strtoull(const char *restrict nptr, char **restrict endptr, int base) {
    return read_integer(nptr, endptr, base, ULONG_MAX, ULONG_MAX);
}

long long strtoq(const char *restrict nptr, char **restrict endptr, int base) {
    return strtol(nptr, endptr, base);
}

unsigned long long strtouq(const char *restrict nptr, char **restrict endptr, int base) {
    return strtoul(nptr, endptr, base);
}

intmax_t strtoimax(const char *restrict nptr, char **restrict endptr, int base) {
    return strtol(nptr, endptr, base);
}

uintmax_t strtoumax(const char *restrict nptr, char **restrict endptr, int base) {
    return strtoul(nptr, endptr, base);
}

int atoi(const char *nptr) {
    return strtol(nptr, NULL, 10);
}

long atol(const char *nptr) {
    return strtol(nptr, NULL, 10);
}

long long atoll(const char *nptr) {
    return strtol(nptr, NULL, 10);
}

/* Whether a text begins with a word, in capitals or not. */
static int begins(const char *text, const char *word)
{
    while (*word != '\0') {
        if ((*text++ | 32) != *word++)
            return 0;
    }
    return 1;
}

static const char *over_digits(const char *at, int base)
{
    while (digit_of(*at) < base)
        at++;
    return at;
}

/* Digits with a point somewhere, and an exponent; NULL if there are no digits. */
static const char *over_number(const char *at, int base, char mark)
{
    const char *start = at, *whole = over_digits(at, base);
    at = whole;
    if (*at == '.')
        at = over_digits(at + 1, base);
    if (at - start - (at > whole) == 0)
        return NULL;
    if ((*at | 32) == mark) {
        const char *sign = at + 1 + (at[1] == '-' || at[1] == '+');
        if (digit_of(*sign) < 10)
            at = over_digits(sign, 10);
    }
    return at;
}

/* Two to the power of that. */
static double power(int exponent)
{
    double value = 1, factor = exponent < 0 ? 0.5 : 2;
    for (exponent = exponent < 0 ? -exponent : exponent; exponent > 0; exponent--)
        value *= factor;
    return value;
}

/* What lies between `at` and `end`: hexadecimal digits, perhaps with a point and an exponent. Says whether it had to
   be rounded. */
static double hexadecimal(const char *at, const char *end, int bits, int least, int *inexact)
{
    unsigned long mantissa = 0;
    int exponent = 0, point = 0, lost = 0, drop;
    for (; at < end && (*at | 32) != 'p'; at++) {
        if (*at == '.') {
            point = 1;
            continue;
        }
        if (mantissa >> 59 == 0) {
            mantissa = mantissa << 4 | digit_of(*at);
            exponent -= 4 * point;
        } else {
            lost |= *at != '0';
            exponent += 4 * !point;
        }
    }
    if (at < end) {
        long more = strtol(at + 1, NULL, 10);
        exponent += more > 100000 ? 100000 : more < -100000 ? -100000 : more;
    }
    if (mantissa == 0)
        return 0;
    while (mantissa >> 62 == 0) {
        mantissa <<= 1;
        exponent--;
    }
    mantissa |= lost;
    /* Rounded once, to what is left of the mantissa where numbers have become small. */
    drop = 63 - bits;
    if (exponent + drop < least)
        drop = least - exponent;
    *inexact = 1;
    if (drop > 63)
        return 0;
    if (drop == 63) {
        mantissa = mantissa > 1UL << 62;
    } else {
        unsigned long rest = mantissa & ((1UL << drop) - 1), half = 1UL << (drop - 1);
        *inexact = rest != 0;
        mantissa >>= drop;
        mantissa += rest > half || (rest == half && (mantissa & 1));
    }
    exponent += drop;
    if (exponent > 2000)
        exponent = 2000;
    if (exponent < -1000)
        return (double)mantissa * power(-1000) * power(exponent + 1000);
    return (double)mantissa * power(exponent);
}

static double read_real(const char *nptr, char **endptr, int single)
{
    const char *at = after_space(nptr), *end;
    int negative = *at == '-';
    double value, infinite = 1e308 * 10, smallest = single ? 1.17549435082228750797e-38 : 2.2250738585072014e-308;
    if (*at == '-' || *at == '+')
        at++;
    if (begins(at, "inf")) {
        end = at + (begins(at, "infinity") ? 8 : 3);
        value = infinite;
    } else if (begins(at, "nan")) {
        end = at + 3;
        if (*end == '(') {
            const char *close = end + 1;
            while (digit_of(*close) < 36 || *close == '_')
                close++;
            end = *close == ')' ? close + 1 : end;
        }
        value = -(infinite - infinite);
    } else {
        int hex = at[0] == '0' && (at[1] | 32) == 'x' && (end = over_number(at + 2, 16, 'p')) != NULL, any = 0, inexact = 1;
        const char *c;
        if (!hex)
            end = over_number(at, 10, 'e');
        if (end == NULL) {
            if (endptr != NULL)
                *endptr = (char *)nptr;
            return 0;
        }
        if (hex)
            value = hexadecimal(at + 2, end, single ? 24 : 53, single ? -149 : -1074, &inexact);
        else
            value = __sockscope_decimal(at, end - at, single);
        for (c = at + 2 * hex; c < end && (*c | 32) != (hex ? 'p' : 'e'); c++)
            any |= *c != '0' && *c != '.';
        if (single && value > 3.4028234663852886e38)
            value = infinite;
        if (value == infinite || (any && inexact && value < smallest))
            errno = ERANGE;
    }
    if (endptr != NULL)
        *endptr = (char *)end;
    return negative ? -value : value;
}

double strtod(const char *restrict nptr, char **restrict endptr) {
    return read_real(nptr, endptr, 0);
}

float strtof(const char *restrict nptr, char **restrict endptr) {
    return read_real(nptr, endptr, 1);
}

long double strtold(const char *restrict nptr, char **restrict endptr) {
    return read_real(nptr, endptr, 0);
}

double atof(const char *nptr) {
    return read_real(nptr, NULL, 0);
}

int abs(int j) {
    return j < 0 ? -j : j;
}

long labs(long j) {
    return j < 0 ? -j : j;
}

long long llabs(long long j) {
    return j < 0 ? -j : j;
}

intmax_t imaxabs(intmax_t j) {
    return j < 0 ? -j : j;
}

div_t div(int numer, int denom) {
    div_t result = { numer / denom, numer % denom };
    return result;
}

ldiv_t ldiv(long numer, long denom) {
    ldiv_t result = { numer / denom, numer % denom };
    return result;
}

lldiv_t lldiv(long long numer, long long denom) {
    lldiv_t result = { numer / denom, numer % denom };
    return result;
}

imaxdiv_t imaxdiv(intmax_t numer, intmax_t denom) {
    imaxdiv_t result = { numer / denom, numer % denom };
    return result;
}

void *reallocarray(void *ptr, size_t nmemb, size_t size) {
    if (size != 0 && nmemb > (size_t)-1 / size) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(ptr, nmemb * size);
}
