#pragma once
#include <sockscope/types.h>
int sched_yield(void);
