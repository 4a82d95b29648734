#include <sockscope/types.h>
#pragma sockscope constants TCP_OPTIONS
#define SOL_TCP 6
