#include <stdio.h>
#define STR(x) #x
#define XSTR(x) STR(x)
#define CAT(a,b) a##b
#define XCAT(a,b) CAT(a,b)
#define LOG(fmt, ...) printf("[%s] " fmt "\n", __func__, ##__VA_ARGS__)
#define LOG2(fmt, args...) printf(fmt "\n", ##args)
#define LOG3(...) printf(__VA_ARGS__)
#define OPT(fmt, ...) printf(fmt __VA_OPT__(,) __VA_ARGS__)
#define COUNT(...) COUNT_(__VA_ARGS__, 5,4,3,2,1)
#define COUNT_(a,b,c,d,e,N,...) N
#define EMPTY
#define PAIR(a,b) a b
#define F(x) x
#define G F
#define MIN(a,b) ({ typeof(a) _a=(a); typeof(b) _b=(b); _a<_b?_a:_b; })
#define SWAP(a,b) do { typeof(a) t_ = a; a = b; b = t_; } while (0)
#if defined(STR) && !defined NOPE && (1 + 2 * 3 == 7) && (0x10 >> 2 == 4) && 'a' == 97
#define OK1 1
#else
#define OK1 0
#endif
#define HAS defined(STR)
#if HAS
#define OK2 1
#else
#define OK2 0
#endif
#if 0 && (1/0)
#error no
#elif 1 || (1/0)
#define OK3 1
#endif
#ifdef __has_include
#if __has_include(<stdio.h>)
#define OK4 1
#endif
#if !__has_include(<nosuch.h>)
#define OK5 1
#endif
#endif
#if -1 > 0u
#define OK6 1
#endif
#undef NEVER
#pragma GCC diagnostic ignored "-Wall"
_Pragma("GCC diagnostic push")
int CAT(va,lue) = 7;
int XCAT(v, __LINE__) = 3;
#warning a warning
int main(void) {
  printf("%s %s\n", STR(a  +  "b\n" 'c' ), XSTR(OK1));
  LOG("hi"); LOG("n=%d", 3); LOG2("x"); LOG2("%d %d", 1, 2); LOG3("%s\n", "va"); OPT("opt\n"); OPT("%d\n", 4);
  printf("%d %d %d\n", COUNT(a), COUNT(a,b,c), COUNT(a,b,c,d,e));
  printf("%d %d %d %d %d %d\n", OK1, OK2, OK3, OK4, OK5, OK6);
  printf("%d %d\n", G(5), value);
  int a = 3, b = 4; SWAP(a,b); printf("%d %d %d\n", a, b, MIN(a,b));
  printf("%s\n", XSTR(PAIR(EMPTY,x)));
  printf("%d %s\n", __LINE__, __FILE__ + 0 ? "f" : "");
#line 100 "other.c"
  printf("%d %s\n", __LINE__, __FILE__);
  printf("%d %d %d\n", __COUNTER__, __COUNTER__, __INCLUDE_LEVEL__);
  printf("%s|%s\n", STR(), STR(@));
  printf("%zu %zu\n", sizeof(__DATE__), sizeof(__TIME__));
  printf("%d\n", CAT(1,2) + CAT(,3) + CAT(4,));
  int con\
tinued = 5; printf("%d\n", continued);
  return 0;
}
