/* The scanf family. */
#include <sockscope/file.h>
#include <stdarg.h>

/* What a conversion wants its argument to be. */
enum { POINTER = 3 };

/* Where a conversion's value goes: the next argument. */
unsigned long __sockscope_argument(va_list ap, const char *conversion, size_t length, int wanted);

/* Reads a floating-point number: a float if `length` is 0. */
void __sockscope_take_real(const char *text, void *to, int length);

struct scan {
    FILE *f;
    long taken;
    /* The longest that the conversion may still take. */
    int width;
};

static int scan_next(struct scan *s)
{
    int c = fgetc(s->f);
    if (c != EOF)
        s->taken++;
    return c;
}

static void scan_back(struct scan *s, int c)
{
    if (c != EOF) {
        ungetc(c, s->f);
        s->taken--;
    }
}

static int is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Skips white space; gives what follows, not taken. EOF at the end. */
static int scan_skip(struct scan *s)
{
    int c;
    do
        c = scan_next(s);
    while (is_space(c));
    scan_back(s, c);
    return c;
}

/* Text taken, as long as it may be. */
struct text {
    char *at;
    size_t size;
    size_t room;
    char small[80];
};

static void text_add(struct text *t, int c)
{
    if (t->size + 1 >= t->room) {
        char *more = malloc(2 * t->room);
        if (more == NULL)
            abort();
        memcpy(more, t->at, t->size);
        if (t->at != t->small)
            free(t->at);
        t->at = more;
        t->room *= 2;
    }
    t->at[t->size++] = c;
    t->at[t->size] = '\0';
}

static int digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 10;
    return 99;
}

/* Takes a byte into the text, if the width allows, and gives the one after it. */
static int scan_keep(struct scan *s, struct text *t, int c)
{
    text_add(t, c);
    if (s->width > 0)
        s->width--;
    return scan_next(s);
}

/* Takes an integer of that base (0: as C writes it). Gives the base, or -1 if there is none. */
static int take_integer(struct scan *s, struct text *t, int base)
{
    int c = scan_next(s);
    if (s->width != 0 && (c == '-' || c == '+'))
        c = scan_keep(s, t, c);
    size_t sign = t->size;
    if (s->width != 0 && c == '0') {
        c = scan_keep(s, t, c);
        if (s->width != 0 && (c == 'x' || c == 'X')) {
            if (base == 0)
                base = 16;
            if (base == 16) {
                if (s->width > 0)
                    s->width--;
                c = scan_next(s);
            }
        } else if (base == 0) {
            base = 8;
        }
    }
    if (base == 0)
        base = 10;
    while (s->width != 0 && c != EOF && digit(c) < base)
        c = scan_keep(s, t, c);
    scan_back(s, c);
    return t->size == sign ? -1 : base;
}

/* What printf() makes of a null pointer. */
static int take_nil(struct scan *s)
{
    for (const char *at = "(nil)"; *at != '\0'; at++) {
        int c = scan_next(s);
        if (c != *at) {
            scan_back(s, c);
            return 0;
        }
    }
    return 1;
}

/* Takes the letters of a word, whatever their case. */
static int take_word(struct scan *s, struct text *t, int *c, const char *word)
{
    for (; *word != '\0'; word++) {
        if (s->width == 0 || (*c | 32) != *word)
            return 0;
        *c = scan_keep(s, t, *c);
    }
    return 1;
}

/* Takes a floating-point number; 0 if there is none. */
static int take_float(struct scan *s, struct text *t)
{
    int c = scan_next(s), digits = 0, point = 0, exponent = 0, hex = 0;
    if (s->width != 0 && (c == '-' || c == '+'))
        c = scan_keep(s, t, c);
    if (s->width != 0 && ((c | 32) == 'n' || (c | 32) == 'i')) {
        int good = take_word(s, t, &c, (c | 32) == 'n' ? "nan" : "inf");
        if (good && s->width != 0 && (t->at[t->size - 1] | 32) == 'f' && (c | 32) == 'i')
            good = take_word(s, t, &c, "inity");
        scan_back(s, c);
        return good;
    }
    if (s->width != 0 && c == '0') {
        digits = 1;
        c = scan_keep(s, t, c);
        if (s->width != 0 && (c | 32) == 'x') {
            hex = 1;
            digits = 0;
            c = scan_keep(s, t, c);
        }
    }
    while (s->width != 0 && c != EOF) {
        char last = t->size > 0 ? t->at[t->size - 1] : 0;
        if (!exponent && digit(c) < (hex ? 16 : 10)) {
            digits = 1;
        } else if (exponent && digit(c) < 10) {
        } else if (exponent && (last | 32) == (hex ? 'p' : 'e') && (c == '-' || c == '+')) {
        } else if (digits && !exponent && (c | 32) == (hex ? 'p' : 'e')) {
            exponent = 1;
        } else if (!point && !exponent && c == '.') {
            point = 1;
        } else {
            break;
        }
        c = scan_keep(s, t, c);
    }
    scan_back(s, c);
    return digits;
}

static void store(void *to, int length, unsigned long value)
{
    switch (length) {
    case -2:
        *(char *)to = value;
        break;
    case -1:
        *(short *)to = value;
        break;
    case 0:
        *(int *)to = value;
        break;
    default:
        *(long *)to = value;
    }
}

/* Whether a byte is in the set that follows `[`; `end` is its `]`. */
static int in_set(const char *set, const char *end, int c)
{
    int inverse = *set == '^';
    const char *at = set += inverse;
    for (; at < end; at++) {
        if (at[0] == '-' && at > set && at + 1 < end)
            continue;
        if (at + 2 < end && at[1] == '-') {
            if ((unsigned char)at[0] <= c && c <= (unsigned char)at[2])
                return !inverse;
        }
        if ((unsigned char)at[0] == c)
            return !inverse;
    }
    return inverse;
}

/* Bytes into an array of the program's, or one made for it. */
struct array {
    char *at;
    char **made;
    size_t size;
    size_t room;
};

static void array_put(struct array *a, int c)
{
    if (a->made != NULL && a->size == a->room) {
        a->room = a->room == 0 ? 100 : 2 * a->room;
        a->at = realloc(a->at, a->room);
        if (a->at == NULL)
            abort();
    }
    if (a->at != NULL)
        a->at[a->size] = c;
    a->size++;
}

int vfscanf(FILE *f, const char *format, va_list ap) {
    struct scan s = { f, 0, -1 };
    int done = 0;
    if (f == NULL)
        __sockscope_fault("the stream is a null pointer");
    for (const char *at = format; *at != '\0'; at++) {
        int c;
        if (is_space((unsigned char)*at)) {
            scan_skip(&s);
            continue;
        }
        if (*at != '%') {
            c = scan_next(&s);
            if (c == EOF)
                return done == 0 ? EOF : done;
            if (c != (unsigned char)*at) {
                scan_back(&s, c);
                return done;
            }
            continue;
        }
        const char *start = at++;
        int suppressed = 0, made = 0, length = 0, base = 10;
        s.width = -1;
        while (*at == '*' || *at == '\'' || *at == 'I')
            suppressed |= *at++ == '*';
        if (*at >= '0' && *at <= '9') {
            s.width = 0;
            while (*at >= '0' && *at <= '9')
                s.width = 10 * s.width + *at++ - '0';
            if (*at == '$')
                __sockscope_fault("`%1$` and the like are not known here");
            if (s.width == 0)
                s.width = -1;
        }
        if (*at == 'm') {
            made = 1;
            at++;
        }
        for (;; at++) {
            if (*at == 'h')
                length--;
            else if (*at == 'l' || *at == 'q' || *at == 'z' || *at == 'j' || *at == 't')
                length++;
            else if (*at == 'L')
                length = 3;
            else
                break;
        }
        const char *set = at + 1, *end = at;
        if (*at == '[') {
            end = set + (*set == '^');
            if (*end == ']')
                end++;
            while (*end != '\0' && *end != ']')
                end++;
            at = end;
        }
        int conversion = *end == ']' && end >= set ? '[' : *at;
        if (conversion == 'n') {
            if (!suppressed)
                store((void *)__sockscope_argument(ap, start, at + 1 - start, POINTER), length, s.taken);
            continue;
        }
        if (conversion != 'c' && conversion != '[' && conversion != 'C') {
            c = scan_skip(&s);
            if (c == EOF && conversion != '\0')
                return done == 0 ? EOF : done;
        }
        if (conversion == '%') {
            c = scan_next(&s);
            if (c != '%') {
                scan_back(&s, c);
                return done;
            }
            continue;
        }
        void *to = NULL;
        if (!suppressed)
            to = (void *)__sockscope_argument(ap, start, at + 1 - start, POINTER);
        struct text text = { NULL, 0, sizeof text.small };
        text.at = text.small;
        text.small[0] = '\0';
        switch (conversion) {
        case 'c':
        case 's':
        case '[': {
            struct array array = { to, NULL, 0, 0 };
            if (length > 0)
                __sockscope_fault("wide characters are not known here");
            if (made && to != NULL) {
                array.made = to;
                array.at = NULL;
            }
            if (conversion == 'c' && s.width < 0)
                s.width = 1;
            c = scan_next(&s);
            if (c == EOF)
                return done == 0 ? EOF : done;
            while (c != EOF) {
                if ((conversion == 's' && is_space(c)) || (conversion == '[' && !in_set(set, end, c)))
                    break;
                array_put(&array, c);
                if (s.width > 0 && --s.width == 0) {
                    c = EOF;
                    break;
                }
                c = scan_next(&s);
            }
            scan_back(&s, c);
            if (conversion == '[' && array.size == 0)
                return done;
            if (conversion != 'c')
                array_put(&array, '\0');
            if (array.made != NULL)
                *array.made = array.at;
            break;
        }
        case 'd':
        case 'i':
        case 'o':
        case 'u':
        case 'x':
        case 'X':
        case 'p':
            if (conversion == 'i')
                base = 0;
            else if (conversion == 'o')
                base = 8;
            else if (conversion == 'x' || conversion == 'X' || conversion == 'p')
                base = 16;
            if (conversion == 'p' && c == '(')
                base = take_nil(&s) ? base : -1;
            else
                base = take_integer(&s, &text, base);
            if (base > 0 && to != NULL) {
                if (conversion == 'd' || conversion == 'i')
                    store(to, length, strtol(text.at, NULL, base));
                else
                    store(to, conversion == 'p' ? 1 : length, strtoul(text.at, NULL, base));
            }
            break;
        case 'a':
        case 'A':
        case 'e':
        case 'E':
        case 'f':
        case 'F':
        case 'g':
        case 'G':
            base = take_float(&s, &text) ? 1 : -1;
            if (base > 0 && to != NULL) {
                if (length == 3)
                    __sockscope_fault("long double is not known here");
                __sockscope_take_real(text.at, to, length);
            }
            break;
        case '\0':
            return done == 0 && c == EOF ? EOF : done;
        default:
            __sockscope_fault("this conversion is not known here");
        }
        if (text.at != text.small)
            free(text.at);
        if (base < 0)
            return done;
        done += !suppressed;
    }
    return done;
}

int vscanf(const char *format, va_list ap) {
    return vfscanf(stdin, format, ap);
}

int scanf(const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vfscanf(stdin, format, ap);
}

int fscanf(FILE *f, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vfscanf(f, format, ap);
}

/* A string is a stream that has been read already. */
int vsscanf(const char *str, const char *format, va_list ap) {
    char *text = (char *)str;
    size_t size = strlen(str);
    FILE f = { -2, NO_WRITES, text, text + size, text, text + size, text, text, text };
    return vfscanf(&f, format, ap);
}

int sscanf(const char *str, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vsscanf(str, format, ap);
}
