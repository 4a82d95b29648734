#define HUGE_VAL (1e308 * 10)
#define HUGE_VALF ((float)HUGE_VAL)
#define INFINITY ((float)HUGE_VAL)
#define NAN (-(float)(HUGE_VAL - HUGE_VAL))
#define M_E 2.7182818284590452354
#define M_LOG2E 1.4426950408889634074
#define M_LOG10E 0.43429448190325182765
#define M_LN2 0.69314718055994530942
#define M_LN10 2.30258509299404568402
#define M_PI 3.14159265358979323846
#define M_PI_2 1.57079632679489661923
#define M_PI_4 0.78539816339744830962
#define M_1_PI 0.31830988618379067154
#define M_2_PI 0.63661977236758134308
#define M_SQRT2 1.41421356237309504880
#define M_SQRT1_2 0.70710678118654752440
#define isnan(x) ((x) != (x))
#define isinf(x) ((x) == HUGE_VAL ? 1 : (x) == -HUGE_VAL ? -1 : 0)
#define isfinite(x) ((x) - (x) == 0)
#define signbit(x) (__signbit(x))
typedef float float_t;
typedef double double_t;
int __signbit(double x);
double fabs(double x);
double copysign(double x, double y);
double trunc(double x);
double floor(double x);
double ceil(double x);
double round(double x);
double rint(double x);
double nearbyint(double x);
long lround(double x);
long lrint(double x);
long long llround(double x);
long long llrint(double x);
double modf(double x, double *iptr);
double frexp(double x, int *exp);
double scalbn(double x, int n);
double ldexp(double x, int exp);
double fmod(double x, double y);
double sqrt(double x);
double fmax(double x, double y);
double fmin(double x, double y);
double fdim(double x, double y);
double pow(double x, double y);
float fabsf(float x);
float truncf(float x);
float floorf(float x);
float ceilf(float x);
float roundf(float x);
float rintf(float x);
float sqrtf(float x);
float fmodf(float x, float y);
float fmaxf(float x, float y);
float fminf(float x, float y);
float powf(float x, float y);
double sin(double x);
double cos(double x);
double tan(double x);
double asin(double x);
double acos(double x);
double atan(double x);
double sinh(double x);
double cosh(double x);
double tanh(double x);
double exp2(double x);
double log(double x);
double log2(double x);
double log10(double x);
double log1p(double x);
double expm1(double x);
double cbrt(double x);
double atan2(double y, double x);
double hypot(double x, double y);
double exp(double x);
