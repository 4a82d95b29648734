#include <stdio.h>
#define EVAL(x) x
#define EMPTY()
#define DEFER(x) x EMPTY()
#define PASTE(a, ...) a ## __VA_ARGS__
#define STR_(...) #__VA_ARGS__
#define STR(...) STR_(__VA_ARGS__)
#define OBJ (1)
#define FN(x) [x]
#define hash_hash # ## #
#define mkstr(a) # a
#define in_between(a) mkstr(a)
#define join(c, d) in_between(c hash_hash d)
#define xstr(s) str(s)
#define str(s) # s
#define debug(s, t) printf("x" # s "= %d, x" # t "= %s\n", x ## s, x ## t)
#define INCFILE(n) vers ## n
#define glue(a, b) a ## b
#define xglue(a, b) glue(a, b)
#define HIGHLOW "hello"
#define LOW LOW ", world"
#define t(x, y, z) x ## y ## z
#define showlist(...) puts(#__VA_ARGS__)
#define report(test, ...) ((test) ? puts(#test) : printf(__VA_ARGS__))
#define F(...) f(0 __VA_OPT__(,) __VA_ARGS__)
#define G(X, ...) f(0, X __VA_OPT__(,) __VA_ARGS__)
#define SDEF(sname, ...) S sname __VA_OPT__(= { __VA_ARGS__ })
#define H2(X, Y, ...) __VA_OPT__(X ## Y,) __VA_ARGS__
#define H3(X, ...) #__VA_OPT__(X##X X##X)
#define REP1(m) m(1)
#define REP2(m) REP1(m) m(2)
#define ADDX(n) + n
#define x_ 3
#define NARG_(a,b,c,d,N,...) N
#define NARG(...) NARG_(0, ##__VA_ARGS__, 3,2,1,0)
#define LINE_AT __LINE__
#define ARG_LINE(x) x, __LINE__
#if (2 || 1 / 0) && !(0 && 1 / 0) && (1 ? 1 : 1 / 0)
#define SHORT 1
#endif
#if 0
#elif defined(OBJ) + defined STR == 2
#define TWO 1
#endif
#ifndef OBJ
# error never
#elif 1
#define ELSE1 1
#else
#bogus in a skipped group 'unterminated
#endif
#if '\377' < 0 && 0xFFFFFFFFFFFFFFFF == -1 && -1 > 0u && (-1 >> 1) == -1 && 1 == 1L && ~0 == -1
#define SIGNED 1
#endif
#if __GNUC__ >= 4 && defined __linux__ && __SIZEOF_POINTER__ == 8 && __STDC_VERSION__ >= 199901L && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define PLATFORM 1
#endif
#if UNDEFINED_NAME == 0 && !UNDEFINED_NAME
#define ZERO 1
#endif
%: define DIGRAPH 7
typedef struct { int a, b; } S; static int f(int n, ...) { return n; }
int main(void) <%
  int x1 = 5; const char *x2 = "two"; debug(1, 2); puts(xstr(INCFILE(2).h)); puts(xglue(HIGH, LOW)); puts(join(x, y)); puts(STR(PASTE(a, b), PASTE(, c), PASTE(d))); int j[] = { t(1, 2, 3), t(, 4, 5), t(6, , 7), t(8, 9, ), t(10, , ), t(, 11, ), t(, , 12) }; for (int i = 0; i < 7; i++) printf("%d ", j[i]); puts("");
  showlist(The first, second, and third items.); report(x1 > 3, "x is %d\n", x1); report(x1 < 3, "x is %d\n", x1); puts(STR(F(a, b, c))); puts(STR(F())); puts(STR(G(a))); puts(STR(G(a, b))); puts(STR(SDEF(foo))); puts(STR(SDEF(bar, 1, 2))); puts(STR(H2(a, b, c, d))); puts(H3(, 0)); 
  printf("%d %d %d\n", 0 REP2(ADDX), NARG(), NARG(a, b)); printf("%s %d\n", STR(FN (1) FN OBJ), SHORT + TWO + ELSE1 + SIGNED + PLATFORM + ZERO); printf("%d %d\n", DIGRAPH, LINE_AT); int ar<:2:> = { ARG_LINE(1) }; printf("%d\n", ar<:1:>); puts(STR("a\n" '\n' "\\")); puts(str( a  b	c
   d )); printf("%d\n", EVAL(DEFER(OBJ))); puts("a" /* comment */ "b" // line \
 continued comment
  "c"); printf("%s\n", "tri??/graph"); printf("%d %d\n", 'a' /**/ + 1, 10 //**/ 2
  ); printf("%d %s\n", __LINE__, __func__); puts(STR(__LINE__)); int a = 1, b = 2; printf("%d\n", a+++b); printf("%d\n", a---b); int *p = &a; int q = 6/ *p; printf("%d\n", q);
#define x_ 3
#undef x_
#undef never_defined
#define EMPTYARG(a, b) <a|b>
  puts(STR(EMPTYARG(,) EMPTYARG((1,2),{3 4}) EMPTYARG(,x))); 
#ifdef x_
  puts("no");
#endif
#line 77
  printf("%d\n", __LINE__);
  return 0;
%>
