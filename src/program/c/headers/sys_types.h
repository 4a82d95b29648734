#include <sockscope/types.h>
