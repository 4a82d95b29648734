#include <sockscope/types.h>
#include <sys/select.h>
