/* Assertions: on facts of this program, never on what a server or a system may do.
 * They stay on in every build. */
#ifndef ROTA_MODEL_BASE_ASSERT_H
#define ROTA_MODEL_BASE_ASSERT_H

#ifdef NDEBUG
#error "rota's assertions stay on: do not define NDEBUG"
#endif

#include <assert.h>

#define rota_assert(fact) assert(fact)

#endif
