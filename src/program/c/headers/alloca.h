#include <sockscope/types.h>
void *alloca(size_t size);
