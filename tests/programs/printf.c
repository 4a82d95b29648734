#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <stdarg.h>
#include <limits.h>
static void v(const char *f, ...) { va_list ap; va_start(ap, f); vprintf(f, ap); va_end(ap); }
int main(void) {
    char buf[64]; int n, n2; long ln; short sn; signed char cn;
    printf("%d %i %5d|%-5d|%05d|%+d|% d|%.3d|%8.3d|%-8.3d|%+.0d|%.0d|\n", 1, -2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0);
    printf("%u %x %X %o %#x %#X %#o %#08x %-#10xE %hhd %hd %hhu %hu\n", 4000000000u, 255, 255, 8, 255, 255, 8, 255, 255, 300, 70000, 300, 70000);
    printf("%ld %lld %lu %lx %zu %zd %jd %td\n", LONG_MIN, LLONG_MAX, ULONG_MAX, 255L, (size_t)-1, (ssize_t)-1, (long)5, (long)-5);
    printf("%c%c%5c|%-5c|\n", 'a', 66, 'c', 'd');
    printf("%s|%10s|%-10s|%.2s|%10.2s|%-10.2s|%s\n", "hello", "hello", "hello", "hello", "hello", "hello", "");
    printf("%p %p\n", (void *)0, (void *)0x1234);
    printf("%f %.0f %.2f %10.3f|%-10.1f|%+f|% f|%010.2f|%#.0f\n", 3.14159, 2.5, 2.675, -1.5, 1.25, 1.0, 2.0, -3.14159, 3.0);
    printf("%e %.0e %.3E %15.2e|%-15.2e|%#.0e %e %e\n", 12345.678, 15000.0, 0.00012345, 1e100, -1e-100, 1.0, 0.0, -0.0);
    printf("%g %g %g %g %g %g %.3g %#g %G\n", 100000.0, 1000000.0, 0.0001, 0.00001, 123456789.0, 0.0, 1234.5, 1.5, 1e-10);
    printf("%a %a %a %.3a %.0a %A %20a|%-20a|%020a %a %a %.1a %.15a\n", 1.0, 0.5, 3.14159, 3.14159, 1.5, 255.75, 1.0, 2.0, 3.0, 0.0, -0.0, 1.99999, 1.1);
    printf("%a %a\n", 5e-324, 1.7976931348623157e308);
    printf("%f %f %e %g %F %5.1f|%-8f|%08f\n", 1.0/0, -1.0/0, 0.0/0 < 0 ? 1.0 : 1.0/0, 1.0/0, 1.0/0, 1.0/0, 1.0/0, 1.0/0);
    printf("%.20f %.30e %.17g\n", 0.1, 0.1, 0.1);
    printf("%f\n", 1e300);
    printf("%*d|%-*d|%*d|%.*f|%.*s|%.*d\n", 5, 1, 5, 2, -5, 3, 2, 3.14159, 2, "abc", -1, 5);
    printf("%d%n %d%ln %d%hn %d%hhn\n", 1, &n, 22, &ln, 333, &sn, 4444, &cn);
    printf("%d %ld %d %d\n", n, ln, sn, cn);
    printf("100%% %%\n");
    errno = ENOENT; printf("%m|%30m|\n"); errno = 0;
    n = snprintf(buf, 8, "%s", "long string"); printf("%d [%s]\n", n, buf);
    n = snprintf(NULL, 0, "%d-%d", 10, 20); printf("%d\n", n);
    n = sprintf(buf, "%d:%s", 5, "x"); n2 = sprintf(buf + n, "%c", '!'); printf("%d %d %s\n", n, n2, buf);
    char *p; n = asprintf(&p, "%s-%d-%0100d", "as", 7, 3); printf("%d %s\n", n, p); free(p);
    v("%d %s %g\n", 1, "two", 3.0);
    printf("%600d|\n%s\n", 5, "after");
    printf("%s %.3s\n", (char *)NULL, (char *)NULL);
    printf("%5%|%-5%|\n");
    n = printf("hello\n"); printf("%d %d\n", n, printf("x\n"));
    fprintf(stderr, "err %d\n", 5); dprintf(1, "direct %d\n", 6);
    puts("puts"); putchar('c'); putc('d', stdout); fputc('\n', stdout); fputs("fputs\n", stdout); fwrite("fwrite\n", 1, 7, stdout);
    printf("%d %d\n", (int)fwrite("ab", 2, 1, stdout), (int)fwrite("ab", 1, 0, stdout));
    errno = EBADF; perror("perror"); perror(NULL); perror("");
    return 0;
}
