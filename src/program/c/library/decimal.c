/* Floating-point numbers in decimal and back, exactly, with numbers of any length. */
#include <string.h>

/* A long number: words of 32 bits, the least first, the last not zero. */
struct big {
    int length;
    unsigned words[200];
};

/* Digits of a number beyond these can only break a tie. */
enum { DIGITS = 800 };

/* `by` is below 2 to the power of 32. */
static void big_multiply(struct big *n, unsigned long by, unsigned long plus)
{
    int i;
    for (i = 0; i < n->length; i++) {
        plus += n->words[i] * by;
        n->words[i] = plus;
        plus >>= 32;
    }
    if (plus > 0)
        n->words[n->length++] = plus;
}

static void big_trim(struct big *n)
{
    while (n->length > 0 && n->words[n->length - 1] == 0)
        n->length--;
}

/* Times a small number to some power. */
static void big_raise(struct big *n, unsigned long base, long power)
{
    while (power > 0) {
        unsigned long by = 1;
        for (; power > 0 && by * base >> 32 == 0; power--)
            by *= base;
        big_multiply(n, by, 0);
    }
}

/* Shifts to the left; by a negative number of bits not at all. */
static void big_shift(struct big *n, long by)
{
    int words = by / 32;
    if (by <= 0 || n->length == 0)
        return;
    if (words > 0) {
        memmove(n->words + words, n->words, n->length * sizeof *n->words);
        memset(n->words, 0, words * sizeof *n->words);
        n->length += words;
    }
    big_multiply(n, 1UL << by % 32, 0);
}

/* Below 0, 0 or above, as the first is smaller, the same or larger. */
static int big_compare(const struct big *a, const struct big *b)
{
    int i = a->length;
    if (i != b->length)
        return i - b->length;
    while (i-- > 0) {
        if (a->words[i] != b->words[i])
            return a->words[i] < b->words[i] ? -1 : 1;
    }
    return 0;
}

/* `b` is not larger. */
static void big_subtract(struct big *a, const struct big *b)
{
    long rest = 0;
    int i;
    for (i = 0; i < a->length; i++) {
        rest += (long)a->words[i] - (i < b->length ? b->words[i] : 0);
        a->words[i] = rest;
        rest >>= 32;
    }
    big_trim(a);
}

static long big_bits(const struct big *n)
{
    unsigned top = n->length > 0 ? n->words[n->length - 1] : 0;
    long bits = 32 * (n->length - 1);
    for (; top > 0; top >>= 1)
        bits++;
    return bits;
}

/* The digits of a number that is not negative, rounded to so many (so many behind the point, if `behind`); a tie goes to
   the even one. Gives how many of them stand before the point. */
long __sockscope_digits(double number, long count, int behind, char *digits) {
    union { double value; unsigned long bits; } size = { number };
    unsigned long units = size.bits & (1UL << 52) - 1;
    long power = size.bits >> 52, point, length;
    char all[DIGITS], *end = all + sizeof all, *at = end;
    struct big n;
    if (power > 0)
        units |= 1UL << 52;
    else
        power = 1;
    n.length = 2;
    n.words[0] = units;
    n.words[1] = units >> 32;
    big_trim(&n);
    /* units * 2^power is units * 5^-power / 10^-power. */
    power -= 1075;
    big_shift(&n, power);
    big_raise(&n, 5, -power);
    while (n.length > 0) {
        unsigned long rest = 0;
        int i;
        for (i = n.length - 1; i >= 0; i--) {
            rest = rest << 32 | n.words[i];
            n.words[i] = rest / 1000000000;
            rest %= 1000000000;
        }
        big_trim(&n);
        for (i = 0; i < 9; i++) {
            *--at = '0' + rest % 10;
            rest /= 10;
        }
    }
    while (at < end && *at == '0')
        at++;
    length = end - at;
    point = length == 0 ? 0 : power < 0 ? length + power : length;
    if (behind)
        count += point;
    if (count < 0) {
        /* The first digit is further down: less than half. */
        length = 0;
    } else if (count < length) {
        int up = at[count] > '5' || (at[count] == '5' && count > 0 && (at[count - 1] & 1));
        long i;
        for (i = count + 1; !up && at[count] == '5' && i < length; i++)
            up = at[i] != '0';
        length = count;
        while (up && length > 0 && at[length - 1] == '9')
            length--;
        if (up && length > 0) {
            at[length - 1]++;
        } else if (up) {
            *at = '1';
            length = 1;
            point++;
        }
    }
    memcpy(digits, at, length);
    digits[length] = '\0';
    return point;
}

/* Two to the power of that, which a double has. */
static double power_of_two(long power)
{
    union { unsigned long bits; double value; } size = { power < -1022 ? 1UL << (power + 1074) : power + 1023UL << 52 };
    return size.value;
}

/* number * 10^exponent, as a double or a float the nearest. */
static double nearest(struct big *number, long exponent, int single)
{
    struct big below, rest, by;
    int bits = single ? 24 : 53, i, side;
    long unit, least = single ? -149 : -1074;
    unsigned long units;
    below.length = 1;
    below.words[0] = 1;
    big_raise(number, 10, exponent);
    big_raise(&below, 10, -exponent);
    /* The unit of the last place, as a power of two, and how many units there are. */
    unit = big_bits(number) - big_bits(&below) - bits;
    if (unit < least)
        unit = least;
    for (;; unit++) {
        rest = *number;
        by = below;
        big_shift(&rest, -unit);
        big_shift(&by, unit);
        big_shift(&by, bits + 1);
        for (units = 0, i = 0; i < bits + 2; i++) {
            units <<= 1;
            if (big_compare(&rest, &by) >= 0) {
                big_subtract(&rest, &by);
                units++;
            }
            big_shift(&rest, 1);
        }
        if (units >> bits == 0)
            break;
    }
    /* What is left is twice the remainder: half a unit and more rounds up, a tie to even. */
    side = big_compare(&rest, &by);
    units += side > 0 || (side == 0 && (units & 1));
    return unit > 971 ? 1e308 * 10 : units * power_of_two(unit);
}

/* What so many characters say, which are a decimal number; as a float if `single`. */
double __sockscope_decimal(const char *text, size_t length, int single) {
    const char *at = text, *end = text + length;
    long kept = 0, exponent = 0, power = 0;
    int point = 0, more = 0, down;
    struct big number;
    number.length = 0;
    for (; at < end && (*at | 32) != 'e'; at++) {
        if (*at == '.') {
            point = 1;
        } else if (kept < DIGITS - 1) {
            big_multiply(&number, 10, *at - '0');
            kept += number.length > 0;
            exponent -= point;
        } else {
            more |= *at != '0';
            exponent += !point;
        }
    }
    if (at < end) {
        at++;
        down = *at == '-';
        if (*at == '-' || *at == '+')
            at++;
        for (; at < end; at++) {
            if (power < 1L << 40)
                power = power * 10 + (*at - '0');
        }
        exponent += down ? -power : power;
    }
    if (more) {
        big_multiply(&number, 10, 1);
        kept++;
        exponent--;
    }
    if (number.length == 0 || kept + exponent < -340)
        return 0;
    if (kept + exponent > 320)
        return 1e308 * 10;
    /* Both are exact, and so one rounding is all there is. */
    if (!single && kept <= 15 && exponent >= -22 && exponent <= 22) {
        double value = number.words[0], tens = 1;
        if (number.length > 1)
            value += number.words[1] * 4294967296.0;
        for (power = exponent < 0 ? -exponent : exponent; power > 0; power--)
            tens *= 10;
        return exponent < 0 ? value / tens : value * tens;
    }
    return nearest(&number, exponent, single);
}
