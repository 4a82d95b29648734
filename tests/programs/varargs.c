#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>

struct pair { long a; char name[12]; double d; };
typedef struct { struct pair p[2]; int n; } box;

static int total(int n, ...)
{
    va_list ap;
    int sum = 0;
    va_start(ap, n);
    while (n-- > 0) sum += va_arg(ap, int);
    va_end(ap);
    return sum;
}
static void logf_(const char *fmt, ...)
{
    char line[100];
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    printf("[%s] ", line);
    vprintf(fmt, again);
    va_end(again);
    putchar('\n');
}
static struct pair make(long a, const char *name, double d)
{
    struct pair p = { a, "", d };
    strncpy(p.name, name, sizeof p.name - 1);
    return p;
}
static box both(struct pair x, struct pair y) { box b = { { x, y }, 2 }; return b; }
static double mean(const double *v, size_t n)
{
    double s = 0;
    for (size_t i = 0; i < n; i++) s += v[i];
    return n ? s / n : 0;
}
static int cmp(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
static void sort(void *base, size_t n, size_t size, int (*less)(const void *, const void *))
{
    char *p = base, tmp[16];
    for (size_t i = 0; i + 1 < n; i++)
        for (size_t j = 0; j + 1 < n - i; j++)
            if (less(p + j * size, p + (j + 1) * size) > 0) {
                memcpy(tmp, p + j * size, size);
                memcpy(p + j * size, p + (j + 1) * size, size);
                memcpy(p + (j + 1) * size, tmp, size);
            }
}
static int (*choose(int which))(const char *) { return which ? puts : atoi; }
int main(void)
{
    int v[] = { 5, 3, 9, -1, 7 };
    double d[] = { 1.5, 2.5, 4 };
    printf("%d\n", total(4, 1, 2, 3, 4));
    logf_("%s=%d %c %.2f %ld", "x", 5, 'c', 2.5, 1234567890123L);
    box b = both(make(1, "one", 0.5), make(2, "two", 1.5));
    box c = b;
    c.p[1].a++;
    printf("%ld %s %g %ld %s %d %zu\n", b.p[0].a, b.p[0].name, b.p[1].d, c.p[1].a, c.p[1].name, c.n, sizeof c);
    printf("%g %g\n", mean(d, 3), mean(d, 0));
    sort(v, 5, sizeof *v, cmp);
    for (int i = 0; i < 5; i++) printf("%d ", v[i]);
    printf("\n%d\n", choose(0)("77"));
    choose(1)("put");
    float f = 16777216.0f;
    f += 1;
    printf("%.1f %d %u %ld\n", f, (int)-2.9, (unsigned)3.9e9, (long)1e15);
    printf("%g %g %g %e %G\n", 0.0001, 123456789.0, 1e100, 0.0, 1e-10);
    printf("%5.1f|%-8.3e|%+g|%08d|%-6d|%6s|%.0f|%#x|%#o\n", 3.14159, 31415.9, 2.0, -42, 42, "right", 2.5, 255, 8);
    printf("%hhd %hd %ld %lu %llx %zu %p\n", 300, 70000, -5L, 5UL, 0xabcdefULL, sizeof(int), (void *)0);
    printf("%*d|%-*d|%.*s|\n", 6, 42, 6, 42, 2, "abc");
    char **words = malloc(3 * sizeof *words);
    words[0] = strdup("alpha"); words[1] = strdup("beta"); words[2] = NULL;
    for (char **w = words; *w; w++) printf("%s%s", *w, w[1] ? "," : "\n");
    for (char **w = words; *w; w++) free(*w);
    free(words);
    unsigned char raw[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    printf("%x %lx\n", *(unsigned *)(raw + 1), *(unsigned long *)raw);
    int grid[3][3], (*row)[3] = grid;
    memset(grid, 0, sizeof grid);
    row[1][2] = 7; (*row)[0] = 1; *(*(row + 2) + 1) = 9;
    for (int i = 0; i < 9; i++) printf("%d", (&grid[0][0])[i]);
    printf("\n%d %d %d\n", rand(), rand() % 100, (srand(42), rand()));
    switch (v[0]) { case -5 ... -1: printf("negative\n"); break; default: printf("other\n"); }
    for (int i = 0, j = 10; i < j; i += 3, j--) { if (i == 6) goto done; printf("%d-%d ", i, j); }
done:
    printf("%s %d\n", __func__, __LINE__);
    return strtoul("0x10", NULL, 16) == 16 ? 3 : 4;
}
