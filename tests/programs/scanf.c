#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdarg.h>
#include <errno.h>
static int vs(const char *s, const char *f, ...) { va_list ap; va_start(ap, f); int n = vsscanf(s, f, ap); va_end(ap); return n; }
#define T(s, f, ...) do { memset(b, 0, sizeof b); memset(b2, 0, sizeof b2); i = j = -77; l = -77; u = 77; h = -7; c = -7; n = -7; d = -7; fl = -7; printf("[%s] \"%s\" -> %d:", s, f, sscanf(s, f, __VA_ARGS__)); printf(" %d %d %ld %u %d %d %d %g %g '%s' '%s'\n", i, j, l, u, h, c, n, d, fl, b, b2); } while (0)
int main(void) {
    char b[64], b2[64]; int i, j, n; long l; unsigned u; short h; signed char c; double d; float fl;
    T("1 2", "%d %d", &i, &j); T("  12abc", "%d%s", &i, b); T("abc", "%d", &i); T("", "%d", &i); T("   ", "%d", &i);
    T("12", "%d%d", &i, &j); T("12 x", "%d%d", &i, &j); T("0x1f 077 10", "%i %i %d", &i, &j, &n); T("0x1f", "%x", &u); T("1f", "%x", &u);
    T("0xg", "%x%s", &u, b); T("0xg", "%i%s", &i, b); T("077", "%o", &u); T("-5", "%u", &u); T("+5", "%d", &i); T("-", "%d", &i); T("+-5", "%d", &i); T("- 5", "%d", &i);
    T("12345", "%2d%3d", &i, &j); T("12345", "%2d%*d%n", &i, &n); T("99999999999", "%d", &i); T("99999999999999999999", "%ld", &l); T("-99999999999999999999", "%ld", &l); T("70000", "%hd", &h); T("300", "%hhd", &c); T("123456789012", "%ld", &l);
    T("hello world", "%s %s", b, b2); T("hello world", "%3s%s", b, b2); T("abc", "%c", b); T("abcdef", "%3c", b); T("ab", "%3c", b); T(" x", "%c", b); T(" x", " %c", b); T("", "%c", b);
    T("abc123", "%[a-z]%d", b, &i); T("abc123", "%[^0-9]%d", b, &i); T("123", "%[a-z]", b); T("]x", "%[]]%s", b, b2); T("a-b", "%[a-]%s", b, b2); T("^a", "%[a^]%s", b, b2); T("abcdef", "%3[a-z]%s", b, b2); T("key=value", "%[^=]=%s", b, b2); T("", "%[a]", b); T("x,y", "%[^,],%[^,]", b, b2);
    T("3.14", "%lf", &d); T("3.14", "%f", &fl); T("1e5x", "%lf%s", &d, b); T("1e", "%lf%s", &d, b); T("1e+", "%lf%s", &d, b); T(".5", "%lf", &d); T(".", "%lf", &d); T("-.5e-2", "%lf", &d); T("0x1.8p1", "%lf", &d); T("0x", "%lf", &d); T("inf", "%lf", &d); T("infinity", "%lf", &d); T("infin", "%lf", &d); T("-INF", "%lf", &d); T("na", "%lf", &d); T("123.456", "%5lf%lf", &d, (double *)&l); T("1.5.5", "%lf%lf", &d, &d); T("e5", "%lf", &d);
    T("5%", "%d%%%n", &i, &n); T("5 %", "%d%%%n", &i, &n); T("5x", "%d%%%n", &i, &n); T("a5", "a%d", &i); T("b5", "a%d", &i); T("a", "a%d", &i); T("1,2", "%d,%d", &i, &j); T("1 ,2", "%d,%d", &i, &j); T("1 ,2", "%d ,%d", &i, &j);
    T("10 20", "%*d %d", &i); T("10", "%*d %d", &i); T("x", "%*d %d", &i); T("", "%*d"+0*sizeof(b), &i); T("GET /x HTTP/1.1", "%s %s HTTP/%d", b, b2, &i); T("192.168.1.10:8080", "%[0-9.]:%d", b, &i); T("1.2.3", "%d.%d.%d", &i, &j, &n); T("%", "%%%n", &n); T(" %", "%%%n", &n); T("5", "%d%n", &i, &n); T("", "%n", &n); T("  7", " %n%d", &n, &i); T("a b", "%s%c", b, b2); T("12 34", "%d%c%d", &i, b, &j); T("0", "%i", &i); T("08", "%i", &i); T("0b1", "%i", &i); T("1 2 3", "%hd %hhd %ld", &h, &c, &l); T("z", "%d %s", &i, b); T("1z", "%2d%s", &i, b); T("-0x10", "%i", &i); T("-0x10", "%3x%s", &u, b); T("0x10", "%1x%s", &u, b); T("0x10", "%2x%s", &u, b); T("+0", "%d", &i); T("nan", "%lf", &d);
    char *m = NULL; n = sscanf("word rest", "%ms", &m); printf("%d %s\n", n, m); free(m); n = sscanf("abc1", "%m[a-c]", &m); printf("%d %s\n", n, m); free(m);
    void *p = NULL; n = sscanf("0x1234", "%p", &p); printf("%d %p\n", n, p); n = sscanf("(nil)", "%p", &p); printf("%d %p\n", n, p);
    printf("%d %d\n", vs("4 5", "%d %d", &i, &j), i);
    return 0;
}
