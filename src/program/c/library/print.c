/* The printf family. */
#include <sockscope/file.h>
#include <stdarg.h>

/* What a conversion wants its argument to be. */
enum { AN_INT, A_LONG, A_STRING, A_POINTER, A_DOUBLE };

/* The next argument, if it is that; the conversion's text is for who reads that it is not. */
unsigned long __sockscope_argument(va_list ap, const char *conversion, size_t length, int wanted);
/* Where pieces go: a stream, or memory that may have an end or may grow. */
struct sink {
    FILE *stream;
    char *at;
    size_t left;
    char **grows;
};

static int sink_take(struct sink *to, const char *text, size_t size, size_t total)
{
    if (to->stream != NULL)
        return __sockscope_put(to->stream, text, size) == size;
    if (to->grows != NULL) {
        char *more = realloc(*to->grows, total + size + 1);
        if (more == NULL)
            return 0;
        *to->grows = more;
        memcpy(more + total, text, size);
        return 1;
    }
    if (size > to->left)
        size = to->left;
    if (size > 0)
        memcpy(to->at, text, size);
    to->at += size;
    to->left -= size;
    return 1;
}

/* A conversion: `%`, flags, width, precision, size and letter. */
struct spec {
    const char *text;
    size_t length;
    int minus, plus, space, alternate, zero;
    long width;
    /* -1: none is given. */
    long precision;
    /* Of an integer, in bytes. */
    int size;
};

/* The most that one conversion may print. */
enum { MOST_PRINTED = 1 << 20 };

static int spec_wrong(struct spec *s, const char *before, const char *after)
{
    char *message = malloc(strlen(before) + s->length + strlen(after) + 1);
    if (message == NULL)
        return 0;
    strcpy(message, before);
    memcpy(message + strlen(before), s->text, s->length);
    strcpy(message + strlen(before) + s->length, after);
    return __sockscope_fault(message);
}

static unsigned long spec_argument(struct spec *s, va_list ap, int wanted)
{
    return __sockscope_argument(ap, s->text, s->length, wanted);
}

static const char *read_number(const char *at, long *number)
{
    for (*number = 0; *at >= '0' && *at <= '9'; at++) {
        if (*number <= MOST_PRINTED)
            *number = *number * 10 + (*at - '0');
    }
    return at;
}

/* Reads what begins at `text`; `*` takes its argument. Gives the letter. */
static char read_spec(struct spec *s, const char *text, va_list ap)
{
    const char *at = text + 1;
    for (;; at++) {
        if (*at == '-')
            s->minus = 1;
        else if (*at == '+')
            s->plus = 1;
        else if (*at == ' ')
            s->space = 1;
        else if (*at == '#')
            s->alternate = 1;
        else if (*at == '0')
            s->zero = 1;
        else
            break;
    }
    if (*at == '*') {
        s->width = (int)__sockscope_argument(ap, "*", 1, AN_INT);
        if (s->width < 0) {
            s->minus = 1;
            s->width = -s->width;
        }
        at++;
    } else {
        at = read_number(at, &s->width);
    }
    s->precision = -1;
    if (at[0] == '.' && at[1] == '*') {
        s->precision = (int)__sockscope_argument(ap, ".*", 2, AN_INT);
        if (s->precision < 0)
            s->precision = -1;
        at += 2;
    } else if (*at == '.') {
        at = read_number(at + 1, &s->precision);
    }
    if (s->width > MOST_PRINTED || s->precision > MOST_PRINTED)
        __sockscope_fault("more than 1 MiB for one conversion");
    s->size = sizeof(int);
    if (*at == 'h') {
        at++;
        s->size = *at == 'h' ? sizeof(char) : sizeof(short);
        at += *at == 'h';
    } else if (*at == 'l' || *at == 'z' || *at == 'j' || *at == 't' || *at == 'q') {
        s->size = sizeof(long);
        at += at[0] == 'l' && at[1] == 'l' ? 2 : 1;
    } else if (*at == 'L') {
        /* A long double has the values of a double. */
        at++;
    }
    s->text = text;
    s->length = at - text + (*at != '\0');
    return *at;
}

/* What stands before a text, zeros, and the text, as wide as the conversion says; gives the length of it all. */
static size_t set_out(char *room, struct spec *s, const char *before, size_t zeros, const char *text, size_t length)
{
    size_t head = strlen(before), size = head + zeros + length, blanks = s->width > size ? s->width - size : 0;
    char *at = room;
    if (!s->minus) {
        memset(at, ' ', blanks);
        at += blanks;
    }
    memcpy(at, before, head);
    memset(at + head, '0', zeros);
    memcpy(at + head + zeros, text, length);
    if (s->minus)
        memset(at + size, ' ', blanks);
    return size + blanks;
}

/* The zeros that fill the width, if zeros do. */
static size_t filling(struct spec *s, size_t length)
{
    return s->zero && !s->minus && s->width > length ? s->width - length : 0;
}

static const char *sign_of(struct spec *s, int negative)
{
    return negative ? "-" : s->plus ? "+" : s->space ? " " : "";
}

static size_t set_integer(char *room, struct spec *s, const char *before, unsigned long value, int base, char ten)
{
    char digits[24], *end = digits + sizeof digits, *at = end;
    unsigned long rest = value;
    long length, zeros;
    do {
        int digit = rest % base;
        *--at = digit < 10 ? '0' + digit : ten + digit - 10;
        rest /= base;
    } while (rest != 0);
    if (base == 8 && s->alternate && value != 0 && s->precision <= end - at)
        *--at = '0';
    if (value == 0 && s->precision == 0 && !(base == 8 && s->alternate))
        at = end;
    length = end - at;
    zeros = s->precision > length ? s->precision - length : 0;
    if (s->precision < 0)
        zeros = filling(s, strlen(before) + length);
    return set_out(room, s, before, zeros, at, length);
}

static size_t set_signed(char *room, struct spec *s, long value)
{
    value = s->size == 1 ? (signed char)value : s->size == 2 ? (short)value : s->size == 4 ? (int)value : value;
    return set_integer(room, s, sign_of(s, value < 0), value < 0 ? -(unsigned long)value : value, 10, 'a');
}

static size_t set_unsigned(char *room, struct spec *s, int letter, unsigned long value)
{
    int base = letter == 'u' ? 10 : letter == 'o' ? 8 : 16, prefix;
    value = s->size == 1 ? (unsigned char)value : s->size == 2 ? (unsigned short)value : s->size == 4 ? (unsigned)value : value;
    prefix = s->alternate && value != 0 && base == 16;
    return set_integer(room, s, !prefix ? "" : letter == 'x' ? "0x" : "0X", value, base, letter == 'X' ? 'A' : 'a');
}

size_t __sockscope_set_real(char *room, char *text, struct spec *s, int letter, unsigned long bits);

/* Prints what was made of a conversion; gives its length, -1 if it cannot be taken. */
static long print_text(struct sink *to, const char *text, size_t length, long total)
{
    return length == 0 || sink_take(to, text, length, total) ? length : -1;
}

/* The same of a string, which is copied only where blanks belong to it. */
static long print_string(struct sink *to, char *room, struct spec *s, const char *text, long total)
{
    size_t length;
    if (text == NULL) {
        /* glibc's courtesy, where there is room for it. */
        text = s->precision < 0 || s->precision >= 6 ? "(null)" : "";
    }
    length = s->precision < 0 ? strlen(text) : strnlen(text, s->precision);
    if (s->width > length) {
        length = set_out(room, s, "", 0, text, length);
        text = room;
    }
    return print_text(to, text, length, total);
}

/* Prints a conversion. `half` of the room is enough for its text, the other half is for making it. */
static long print_one(struct sink *to, char *room, size_t half, struct spec *s, int letter, va_list ap, long total)
{
    unsigned long value;
    size_t length;
    char c;
    switch (letter) {
    case '%':
        return print_text(to, "%", 1, total);
    case 's':
        return print_string(to, room, s, (const char *)spec_argument(s, ap, A_STRING), total);
    case 'm':
        return print_string(to, room, s, strerror(errno), total);
    case 'n':
        memcpy((void *)spec_argument(s, ap, A_POINTER), &total, s->size);
        return 0;
    case 'c':
        c = spec_argument(s, ap, AN_INT);
        length = set_out(room, s, "", 0, &c, 1);
        break;
    case 'd': case 'i': case 'u': case 'x': case 'X': case 'o':
        value = spec_argument(s, ap, s->size == sizeof(long) ? A_LONG : AN_INT);
        length = letter == 'd' || letter == 'i' ? set_signed(room, s, value) : set_unsigned(room, s, letter, value);
        break;
    case 'p':
        value = spec_argument(s, ap, A_POINTER);
        if (value == 0)
            return print_string(to, room, s, "(nil)", total);
        s->precision = -1;
        s->zero = 0;
        length = set_integer(room, s, "0x", value, 16, 'a');
        break;
    case 'f': case 'F': case 'e': case 'E': case 'g': case 'G': case 'a': case 'A':
        value = spec_argument(s, ap, A_DOUBLE);
        length = __sockscope_set_real(room, room + half, s, letter, value);
        break;
    case '\0':
        return spec_wrong(s, "the format ends inside `", "`");
    default:
        return spec_wrong(s, "`", "` is not known here");
    }
    return print_text(to, room, length, total);
}

/* As glibc does, text between conversions and conversions go there one by one. */
static int print_all(struct sink *to, const char *format, va_list ap)
{
    const char *end = format + strlen(format);
    char small[1024];
    long n, total = 0;
    for (; format < end; total += n) {
        const char *percent = format;
        while (percent < end && *percent != '%')
            percent++;
        if (percent > format) {
            n = print_text(to, format, percent - format, total);
            format = percent;
        } else {
            struct spec s = { 0 };
            char letter = read_spec(&s, format, ap), *room = small;
            /* A number has at most 309 digits before the point. */
            size_t half = 350 + (s.width > s.precision ? s.width : s.precision);
            if (2 * half > sizeof small)
                room = malloc(2 * half);
            if (room == NULL)
                return -1;
            n = print_one(to, room, half, &s, letter, ap, total);
            format += s.length;
            if (room != small)
                free(room);
        }
        if (n < 0)
            return -1;
    }
    return total;
}

/* A stream with a buffer for the length of one call. */
static int print_at_once(int fd, int *flags, char *buffer, size_t size, const char *format, va_list ap)
{
    FILE helper = { fd, WRITING | NO_READS, buffer, buffer + size, buffer, buffer, buffer, buffer, buffer + size };
    struct sink to = { &helper };
    int n = print_all(&to, format, ap);
    if (helper.to > helper.first && __sockscope_flush_out(&helper) == EOF)
        n = -1;
    *flags |= helper.flags & FAILED;
    return n;
}

static int print_unbuffered(FILE *f, const char *format, va_list ap)
{
    char buffer[BUFSIZ];
    return print_at_once(f->fd, &f->flags, buffer, sizeof buffer, format, ap);
}

int vfprintf(FILE *f, const char *format, va_list ap) {
    struct sink to = { f };
    if (f == NULL)
        __sockscope_fault("the stream is a null pointer");
    if (f->flags & NO_WRITES)
        return __sockscope_overflow(f, EOF);
    if (f->flags & UNBUFFERED)
        return print_unbuffered(f, format, ap);
    return print_all(&to, format, ap);
}

int vprintf(const char *format, va_list ap) {
    return vfprintf(stdout, format, ap);
}

int printf(const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vfprintf(stdout, format, ap);
}

int fprintf(FILE *f, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vfprintf(f, format, ap);
}

int vdprintf(int fd, const char *format, va_list ap) {
    char buffer[4096];
    int flags = 0;
    return print_at_once(fd, &flags, buffer, sizeof buffer, format, ap);
}

int dprintf(int fd, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vdprintf(fd, format, ap);
}

int vsnprintf(char *str, size_t size, const char *format, va_list ap) {
    struct sink to = { NULL, str, size == 0 ? 0 : size - 1 };
    int n = print_all(&to, format, ap);
    if (size > 0)
        *to.at = '\0';
    return n;
}

int snprintf(char *str, size_t size, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vsnprintf(str, size, format, ap);
}

int vsprintf(char *str, const char *format, va_list ap) {
    return vsnprintf(str, (size_t)-1, format, ap);
}

int sprintf(char *str, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vsnprintf(str, (size_t)-1, format, ap);
}

int vasprintf(char **strp, const char *format, va_list ap) {
    char *text = malloc(1);
    struct sink to = { NULL, NULL, 0, &text };
    int n = text == NULL ? -1 : print_all(&to, format, ap);
    if (n < 0) {
        free(text);
        return -1;
    }
    text[n] = '\0';
    *strp = text;
    return n;
}

int asprintf(char **strp, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    return vasprintf(strp, format, ap);
}

void perror(const char *s) {
    fprintf(stderr, s != NULL && *s != '\0' ? "%s: %m\n" : "%m\n", s);
}
