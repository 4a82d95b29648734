/* <ctype.h> in the C locale. */
#include <ctype.h>

int __sockscope_fault(const char *message);

static int character(int c)
{
    if (c < -128 || c > 255)
        __sockscope_fault("it takes a character or EOF, and this is neither");
    return c;
}

static int between(int c, int first, int last)
{
    return character(c) >= first && c <= last;
}

int isdigit(int c) {
    return between(c, '0', '9');
}

int isupper(int c) {
    return between(c, 'A', 'Z');
}

int islower(int c) {
    return between(c, 'a', 'z');
}

int isalpha(int c) {
    return between(c, 'A', 'Z') || between(c, 'a', 'z');
}

int isalnum(int c) {
    return isalpha(c) || between(c, '0', '9');
}

int isxdigit(int c) {
    return between(c, '0', '9') || between(c, 'A', 'F') || between(c, 'a', 'f');
}

int isblank(int c) {
    return character(c) == ' ' || c == '\t';
}

int isspace(int c) {
    return character(c) == ' ' || between(c, '\t', '\r');
}

int iscntrl(int c) {
    return between(c, 0, 31) || c == 127;
}

int isprint(int c) {
    return between(c, ' ', '~');
}

int isgraph(int c) {
    return between(c, '!', '~');
}

int ispunct(int c) {
    return between(c, '!', '~') && !isalnum(c);
}

int isascii(int c) {
    return (c & ~127) == 0;
}

int toascii(int c) {
    return c & 127;
}

int tolower(int c) {
    return between(c, 'A', 'Z') ? c + 32 : c;
}

int toupper(int c) {
    return between(c, 'a', 'z') ? c - 32 : c;
}
