#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stddef.h>
#include <stdint.h>
#include <ctype.h>

#define SQUARE(x) ((x) * (x))
#define JOIN(a, b) a##b
#define STR(x) #x
#define XSTR(x) STR(x)
#define LOG(fmt, ...) printf("[%d] " fmt "\n", __LINE__, ##__VA_ARGS__)

struct point { int x, y; };
struct line { struct point a, b; char name[8]; };
union word { uint32_t u; uint8_t b[4]; float f; };
enum color { RED, GREEN = 5, BLUE };
typedef int (*binary)(int, int);
struct bits { unsigned a : 3; int b : 5; unsigned c : 10; unsigned char d; };
struct node { int value; struct node *next; };

static int counter;
static const char *names[] = { "zero", "하나", "two", [4] = "four" };
int table[3][4] = { { 1, 2 }, { 3 }, { 4, 5, 6, 7 } };
struct line origin = { .b = { 3, 4 }, .a.x = 9, .name = "seg" };

static int add(int a, int b) { return a + b; }
static int mul(int a, int b) { return a * b; }
static int apply(binary f, int a, int b) { return f(a, b); }
static int next(void) { static int n = 10; return n++; }
static long fact(int n) { return n <= 1 ? 1 : n * fact(n - 1); }
static struct point shift(struct point p, int by) { p.x += by; p.y -= by; return p; }
static void swap(int *a, int *b) { int t = *a; *a = *b; *b = t; }
static struct node *push(struct node *head, int v)
{
    struct node *n = malloc(sizeof *n);
    n->value = v;
    n->next = head;
    return n;
}

int main(int argc, char **argv)
{
    int i, j, sum = 0;
    char buf[64];
    printf("%d %s\n", argc, argv[argc] == NULL ? "null" : "?");
    for (i = 0; i < 10; i++) {
        if (i == 3) continue;
        if (i == 8) break;
        sum += i;
    }
    printf("sum %d\n", sum);
    i = 0;
    do { sum -= i++; } while (i < 5);
    printf("sum %d i %d\n", sum, i);
    while (i --> 0) printf("%d,", i);
    printf("\n");
    switch (sum) {
    case 1: printf("one\n");
    case 15: printf("fifteen\n");
    case 16: case 17: printf("fall\n"); break;
    default: printf("default\n");
    }
    for (i = 0; i < 3; i++, printf(";")) for (j = 0; j < 4; j++) printf("%d ", table[i][j]);
    printf("\n%s %s %s %d\n", names[0], names[1], names[4], names[3] == NULL);
    printf("%d %d %s %d\n", origin.b.x, origin.a.x, origin.name, origin.a.y);
    struct point p = { 1, 2 }, q;
    q = shift(p, 5);
    printf("%d %d %d %d\n", p.x, p.y, q.x, q.y);
    printf("%d\n", shift(q, 1).y);
    swap(&p.x, &p.y);
    printf("%d %d\n", p.x, p.y);
    printf("%d %d %ld\n", apply(add, 2, 3), apply(mul, 2, 3), fact(15));
    binary ops[] = { add, mul };
    for (i = 0; i < 2; i++) printf("%d ", ops[i](7, 6));
    printf("%d %d %d\n", next(), next(), SQUARE(3 + 1));
    union word w;
    w.u = 0x3f800000;
    printf("%d %d %g\n", w.b[3], w.b[0], w.f);
    printf("%d %d %d\n", RED, BLUE, (int)sizeof(enum color));
    struct bits bf = { 5, -3, 1000, 'x' };
    bf.a += 4;
    bf.c <<= 1;
    printf("%d %d %d %c %zu\n", bf.a, bf.b, bf.c, bf.d, sizeof bf);
    printf("%zu %zu %zu %zu\n", sizeof(struct line), offsetof(struct line, name), sizeof buf, sizeof(names) / sizeof *names);
    char c = 200; unsigned char uc = 200; short s = 70000;
    printf("%d %d %d %d\n", c, uc, s, (signed char)300);
    printf("%d %u %ld %lu\n", -1 < 0u, -1 > 0u ? 1u : 0u, (long)-1, (unsigned long)-1);
    printf("%x %o %X %#x %08.3f|%-8d|%+d|% d|%5s|%-5s|%.2s|%c|%%\n", 255, 8, 255, 255, 3.14159, 42, 42, 42, "ab", "ab", "abcdef", 'z');
    printf("%e %g %g %g %.3g %f\n", 12345.678, 1e-5, 100000.0, 1e6, 1234567.0, 1.0 / 3);
    double d = 10; float f = 0.1f;
    printf("%f %f %d %d\n", d / 4, f + 0.2, (int)(d * 1.5), f == 0.1);
    printf("%d %d %d %d\n", -7 / 2, -7 % 2, 7 >> 1, -7 >> 1);
    printf("%d %d\n", JOIN(1, 2), (int)strlen(XSTR(SQUARE(2))));
    LOG("hi");
    LOG("x %d %s", 5, "y");
    strcpy(buf, "Hello");
    strcat(buf, ", world");
    printf("%s %zu %d %s\n", buf, strlen(buf), strcmp("abc", "abd"), strchr(buf, 'w'));
    for (char *t = strtok(buf, ", "); t; t = strtok(NULL, ", ")) printf("<%s>", t);
    printf("\n");
    struct node *head = NULL, *n;
    for (i = 0; i < 5; i++) head = push(head, i * i);
    for (n = head; n; n = n->next) printf("%d ", n->value);
    while (head) { n = head->next; free(head); head = n; }
    printf("\n");
    int *ptr = &table[1][0], *end = &table[2][3];
    printf("%td %d %d\n", end - ptr, ptr[4], *(ptr - 3));
    goto out;
    printf("never\n");
out:
    counter += (i = 4, i + 1);
    printf("%d %d\n", counter, i ?: 9);
    i = 5; i += 3; i *= 2; i /= 3; i %= 4; i <<= 3; i |= 5; i &= ~1; i ^= 0xf0;
    printf("%d\n", i);
    unsigned u = 1; u = u << 31; printf("%u %d\n", u, (int)u);
    long long ll = 1LL << 40; printf("%lld %llx\n", ll, ll);
    for (i = 'a'; i <= 'e'; i++) putchar(toupper(i));
    puts("");
    int m[2][3][2] = { { {1,2},{3,4},{5,6} }, { {7,8},{9} } };
    printf("%d %d %d %zu\n", m[0][2][1], m[1][1][0], m[1][2][1], sizeof m[0]);
    struct point *pp = (struct point[]){ {1,2}, {3,4} };
    printf("%d\n", pp[1].y);
    printf("%d %d %d\n", atoi("42abc"), (int)strtol("0x1f", NULL, 0), abs(-3));
    snprintf(buf, 10, "%s", "truncated string");
    printf("%s|\n", buf);
    printf("%d %d\n", '\377', 'A' + '\x01');
    printf("%s\n", "con" "cat" "\x41" "\101");
    printf("%d\n", (int)(unsigned char)~0);
    return counter + 2;
}
