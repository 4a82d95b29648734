typedef struct __va_list_tag {
    unsigned int gp_offset;
    unsigned int fp_offset;
    void *overflow_arg_area;
    void *reg_save_area;
} __builtin_va_list[1];
typedef __builtin_va_list va_list;
void __builtin_va_start(va_list list);
#define va_start(list, last) __builtin_va_start(list)
#define va_arg(list, type) __builtin_va_arg(list, type)
#define va_end(list) ((void)(list))
#define va_copy(to, from) ((void)(*(to) = *(from)))
