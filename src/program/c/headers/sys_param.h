#include <sockscope/types.h>
#include <limits.h>
#define MAXHOSTNAMELEN 64
#define MIN(a, b) (((a) < (b)) ? (a) : (b))
#define MAX(a, b) (((a) > (b)) ? (a) : (b))
