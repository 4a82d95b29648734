#include <sockscope/types.h>
#define offsetof(type, member) __builtin_offsetof(type, member)
typedef struct { long long sockscope_ll __attribute__((aligned(8))); long double sockscope_ld __attribute__((aligned(16))); } max_align_t;
