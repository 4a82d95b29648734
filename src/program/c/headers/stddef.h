#include <sockscope/types.h>
#define offsetof(type, member) __builtin_offsetof(type, member)
typedef struct { long long whole; long double real; } max_align_t;
