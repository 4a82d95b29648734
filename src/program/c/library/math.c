/* <math.h>, as far as results are exact or rounded in one way only. */
#include <errno.h>
#include <math.h>

int __sockscope_fault(const char *message);

union bits { double value; unsigned long word; };

#define SIGN (1UL << 63)
#define FRACTION ((1UL << 52) - 1)

static int exponent_of(unsigned long word)
{
    return (int)(word >> 52 & 0x7ff) - 1023;
}

int __signbit(double x) {
    union bits b = { x };
    return b.word >> 63;
}

double fabs(double x) {
    union bits b = { x };
    b.word &= ~SIGN;
    return b.value;
}

double copysign(double x, double y) {
    return __signbit(x) == __signbit(y) ? x : -x;
}

double trunc(double x) {
    union bits b = { x };
    int exponent = exponent_of(b.word);
    if (exponent < 0)
        b.word &= SIGN;
    else if (exponent < 52)
        b.word &= ~(FRACTION >> exponent);
    return b.value;
}

double floor(double x) {
    double whole = trunc(x);
    return whole > x ? whole - 1 : whole;
}

double ceil(double x) {
    double whole = trunc(x);
    return whole < x ? copysign(whole + 1, x) : whole;
}

double round(double x) {
    double whole = trunc(x);
    return fabs(x - whole) >= 0.5 ? whole + copysign(1, x) : whole;
}

double rint(double x) {
    double whole = trunc(x), rest = fabs(x - whole);
    if (rest > 0.5 || (rest == 0.5 && trunc(whole / 2) * 2 != whole))
        whole += copysign(1, x);
    return copysign(whole, x);
}

double nearbyint(double x) {
    return rint(x);
}

long lround(double x) {
    return (long)round(x);
}

long lrint(double x) {
    return (long)rint(x);
}

long long llround(double x) {
    return (long long)round(x);
}

long long llrint(double x) {
    return (long long)rint(x);
}

double modf(double x, double *iptr) {
    *iptr = trunc(x);
    return copysign(isinf(x) ? 0 : x - *iptr, x);
}

double frexp(double x, int *exp) {
    union bits b = { x };
    *exp = 0;
    if (x == 0 || isinf(x) || isnan(x))
        return x;
    if (exponent_of(b.word) == -1023) {
        b.value *= 18014398509481984.0;
        *exp = -54;
    }
    *exp += exponent_of(b.word) + 1;
    b.word = (b.word & ~(0x7ffUL << 52)) | 1022UL << 52;
    return b.value;
}

double scalbn(double x, int n) {
    union bits b;
    int step;
    if (n > 3000)
        n = 3000;
    if (n < -3000)
        n = -3000;
    while (n != 0) {
        step = n > 1000 ? 1000 : n < -900 ? -900 : n;
        /* Towards the smallest numbers it is rounded once. */
        if (n < -900 && n > -1074 && fabs(x) >= 1)
            step = n + 53 < -1022 ? -1000 + 53 : n;
        if (step < -1022)
            step = -1022;
        b.word = (unsigned long)(step + 1023) << 52;
        x *= b.value;
        n -= step;
    }
    return x;
}

double ldexp(double x, int exp) {
    double value = scalbn(x, exp);
    if (x != 0 && !isinf(x) && (value == 0 || isinf(value)))
        errno = ERANGE;
    return value;
}

double fmod(double x, double y) {
    double left = fabs(x), by = fabs(y), step;
    int most, own;
    if (isnan(x) || isnan(y))
        return x + y;
    if (isinf(x) || y == 0) {
        errno = EDOM;
        return -(x - x) / (y - y);
    }
    if (isinf(y) || left < by)
        return x;
    frexp(left, &most);
    frexp(by, &own);
    for (most -= own; most >= 0; most--) {
        step = scalbn(by, most);
        if (step <= left)
            left -= step;
    }
    return copysign(left, x);
}

double sqrt(double x) {
    unsigned long left, root = 0, sum = 0, bit, trial;
    union bits b = { x };
    int exponent;
    if (isnan(x) || x == 0 || x == HUGE_VAL)
        return x;
    if (x < 0) {
        errno = EDOM;
        return -NAN;
    }
    b.value = frexp(x, &exponent);
    left = (b.word & FRACTION) | 1UL << 52;
    exponent--;
    if (exponent & 1)
        left <<= 1;
    exponent = exponent >> 1;
    left <<= 1;
    for (bit = 1UL << 53; bit != 0; bit >>= 1) {
        trial = sum + bit;
        if (trial <= left) {
            sum = trial + bit;
            left -= trial;
            root += bit;
        }
        left <<= 1;
    }
    if (left != 0)
        root += root & 1;
    b.word = (root >> 1) + (0x3feUL << 52) + ((unsigned long)exponent << 52);
    return b.value;
}

double fmax(double x, double y) {
    return isnan(x) || x < y ? y : x;
}

double fmin(double x, double y) {
    return isnan(x) || x > y ? y : x;
}

double fdim(double x, double y) {
    return isnan(x) || isnan(y) ? x + y : x > y ? x - y : 0;
}

/* Powers of whole numbers that are whole numbers, and powers of two. */
double pow(double x, double y) {
    double value = 1, n;
    int exponent;
    if (y == 0 || x == 1)
        return 1;
    if (isnan(x) || isnan(y))
        return x + y;
    if (y == 1)
        return x;
    if (y == 0.5 && x > 0 && x != HUGE_VAL)
        return sqrt(x);
    if (trunc(y) == y && fabs(y) < 5000 && fabs(frexp(x, &exponent)) == 0.5) {
        value = ldexp(1, (exponent - 1) * (int)y);
        return x < 0 && fmod(y, 2) != 0 ? -value : value;
    }
    if (trunc(x) == x && trunc(y) == y && y > 0 && !isinf(x) && !isinf(y)) {
        if (x == 0 || x == -1)
            return fmod(y, 2) != 0 ? x : -x == 1 ? 1 : 0;
        for (n = y; n > 0 && fabs(value) <= 9007199254740992.0; n--)
            value *= x;
        if (n == 0 && fabs(value) <= 9007199254740992.0)
            return value;
    }
    __sockscope_fault("powers that are no whole numbers are not modelled");
    return 0;
}

float fabsf(float x) {
    return fabs(x);
}

float truncf(float x) {
    return trunc(x);
}

float floorf(float x) {
    return floor(x);
}

float ceilf(float x) {
    return ceil(x);
}

float roundf(float x) {
    return round(x);
}

float rintf(float x) {
    return rint(x);
}

float sqrtf(float x) {
    return sqrt(x);
}

float fmodf(float x, float y) {
    return fmod(x, y);
}

float fmaxf(float x, float y) {
    return fmax(x, y);
}

float fminf(float x, float y) {
    return fmin(x, y);
}

float powf(float x, float y) {
    return pow(x, y);
}
