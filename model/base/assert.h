/* Assertions: on facts of this program, never on what a server or a system may do. They stay on in
 * every build. Each form says what kind of doubt there is:
 *
 *     rota_assert(fact)            the program is wrong if this is false
 *     rota_assert_equal(a, b)      the same for two integers; the message shows both values
 *     if (ALWAYS(condition)) ...   the condition is believed to be always true, but the code also
 *     if (NEVER(condition)) ...    knows what to do if it is not (or: if it is true once)
 *     rota_unreachable("reason")   control never comes here
 *     rota_cast(type, p, MAGIC)    a `void *` that crossed a library is what it was given as
 *
 * ALWAYS and NEVER assert too, and have the value of the condition. In a coverage build they are
 * constant, so that the defensive branch behind them is not counted as code that no test reached.
 *
 * Failing to get memory is no assertion: see rota_pool_exhausted in model/base/pool.h. */
#ifndef ROTA_MODEL_BASE_ASSERT_H
#define ROTA_MODEL_BASE_ASSERT_H

#ifdef NDEBUG
#error "rota's assertions stay on: do not define NDEBUG"
#endif

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Prints the expression `text` with the values of its two sides and the place to standard error,
 * and aborts. */
_Noreturn void rota_assert_fail_equal(const char *text, int64_t a, int64_t b, const char *file,
                                      unsigned line, const char *function);

/* Checks that `object` is not NULL and that its member at `offset` is `magic`; otherwise prints
 * both values with the name `type` and aborts. Returns `object`. */
void *rota_assert_magic(void *object, size_t offset, uint32_t magic, const char *type,
                        const char *file, unsigned line, const char *function);

#define ROTA_HERE __FILE__, __LINE__, __func__

#define rota_assert(fact) assert(fact)

/* Each argument is evaluated once. */
#define rota_assert_equal(a, b)                                                                    \
    rota_assert_equal_at((int64_t)(a), (int64_t)(b), #a " == " #b, ROTA_HERE)

static inline void rota_assert_equal_at(int64_t a, int64_t b, const char *text, const char *file,
                                        unsigned line, const char *function)
{
    a == b ? (void)0 : rota_assert_fail_equal(text, a, b, file, line, function);
}

/* The end of the C library's assert: prints the sentence with the place and aborts. */
#define ROTA_FAIL(sentence) __assert_fail(sentence, ROTA_HERE)

#define rota_unreachable(reason) ROTA_FAIL("unreachable: " reason)

#ifdef ROTA_COVERAGE
#define ALWAYS(condition) ((bool)true)
#define NEVER(condition)  ((bool)false)
#else
#define ALWAYS(condition)                                                                          \
    ((bool)((condition) ? true : (ROTA_FAIL("ALWAYS(" #condition ")"), false)))
#define NEVER(condition) ((bool)((condition) ? (ROTA_FAIL("NEVER(" #condition ")"), true) : false))
#endif

/* A magic number of four ASCII letters, for a struct whose address goes through a `void *`. The
 * struct has a member `uint32_t magic`, set when it is initialised and cleared when it ends. */
#define ROTA_MAGIC(a, b, c, d)                                                                     \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* The `void *` as a pointer to `type`; aborts if its magic number is another. */
#define rota_cast(type, pointer, magic_number)                                                     \
    ((type *)rota_assert_magic((pointer), offsetof(type, magic), (magic_number), #type, ROTA_HERE))

#endif
