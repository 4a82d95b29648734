/* What printf() and scanf() have for floating-point numbers: for programs that have such numbers. */
#include <stdlib.h>
#include <string.h>

/* The digits of a number that is not negative, rounded to so many (so many behind the point, if `behind`) and without
   zeros at their end. Gives how many of them stand before the point. */
long __sockscope_digits(double number, long count, int behind, char *digits);

/* Digits in plain notation, so many before the point (one at least) and so many behind it; gives their end. */
static char *set_digits(char *to, const char *digits, long point, long places)
{
    long count = strlen(digits), at = point < 1 ? point - 1 : 0, end = point + places;
    for (; at < end; at++) {
        if (at == point)
            *to++ = '.';
        if (at >= count && at >= point) {
            memset(to, '0', end - at);
            return to + (end - at);
        }
        *to++ = at >= 0 && at < count ? digits[at] : '0';
    }
    return to;
}

/* A finite number as `f`, `e` or `g` writes it; gives its end. */
static char *set_decimal(char *to, struct spec *s, int letter, double value)
{
    char digits[800], *start = to;
    long places = s->precision < 0 ? 6 : s->precision, count = places, point, power, scientific = letter == 'e';
    if (letter == 'e')
        count++;
    else if (letter == 'g' && count == 0)
        count = 1;
    point = __sockscope_digits(value, count, letter == 'f', digits);
    power = *digits == '\0' ? 0 : point - 1;
    if (letter == 'g') {
        /* So many digits in all, the point where it is shorter. */
        scientific = power < -4 || power >= count;
        places = count - 1 - (scientific ? 0 : power);
    }
    to = set_digits(to, digits, scientific ? 1 : point, places);
    if (letter == 'g' && !s->alternate && places > 0) {
        while (to[-1] == '0')
            to--;
        if (to[-1] == '.')
            to--;
    }
    if (s->alternate && places == 0)
        *to++ = '.';
    if (scientific) {
        long size = power < 0 ? -power : power;
        *to++ = 'e';
        *to++ = power < 0 ? '-' : '+';
        if (size >= 100)
            *to++ = '0' + size / 100;
        *to++ = '0' + size / 10 % 10;
        *to++ = '0' + size % 10;
    }
    return to;
}

/* A finite number as `a` writes it behind its `0x`; gives its end. */
static char *set_hexadecimal(char *to, struct spec *s, unsigned long bits)
{
    unsigned long mantissa = bits & (1UL << 52) - 1;
    long power = bits >> 52, count = 13, i;
    if (power > 0)
        mantissa |= 1UL << 52;
    power = power > 0 ? power - 1023 : mantissa != 0 ? -1022 : 0;
    if (s->precision >= 0 && s->precision < 13) {
        /* To the nearest, ties to even. */
        int cut = 4 * (13 - s->precision);
        mantissa += (1UL << (cut - 1)) - 1 + (mantissa >> cut & 1);
        mantissa = mantissa >> cut << cut;
    }
    if (s->precision >= 0)
        count = s->precision;
    else {
        while (count > 0 && (mantissa >> 4 * (13 - count) & 15) == 0)
            count--;
    }
    *to++ = '0' + (mantissa >> 52);
    if (count > 0 || s->alternate)
        *to++ = '.';
    for (i = 1; i <= count; i++)
        *to++ = i > 13 ? '0' : "0123456789abcdef"[mantissa >> 4 * (13 - i) & 15];
    *to++ = 'p';
    *to++ = power < 0 ? '-' : '+';
    power = power < 0 ? -power : power;
    for (i = 1000; i > 0; i /= 10) {
        if (power >= i || i == 1)
            *to++ = '0' + power / i % 10;
    }
    return to;
}

/* A conversion of printf(); `text` is room for the number alone. */
size_t __sockscope_set_real(char *room, char *text, struct spec *s, int letter, unsigned long bits) {
    union { unsigned long bits; double value; } size = { bits & ~(1UL << 63) };
    int upper = letter >= 'A' && letter <= 'Z', lower = letter | 32;
    char before[4], *end, *at;
    strcpy(before, sign_of(s, bits >> 63));
    if (size.bits >> 52 == 2047) {
        int infinite = size.bits << 12 == 0;
        return set_out(room, s, before, 0, upper ? infinite ? "INF" : "NAN" : infinite ? "inf" : "nan", 3);
    }
    if (lower == 'a') {
        strcat(before, upper ? "0X" : "0x");
        end = set_hexadecimal(text, s, size.bits);
    } else {
        end = set_decimal(text, s, lower, size.value);
    }
    for (at = text; upper && at < end; at++) {
        if (*at >= 'a' && *at <= 'z')
            *at -= 32;
    }
    return set_out(room, s, before, filling(s, strlen(before) + (end - text)), text, end - text);
}

/* A conversion of scanf(): the number that `text` is, of `length` as the format has it. */
void __sockscope_take_real(const char *text, void *to, int length) {
    if (length == 0)
        *(float *)to = strtof(text, NULL);
    else
        *(double *)to = strtod(text, NULL);
}
