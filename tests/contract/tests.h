/* The tests of the guarantees, by name. Each runs on a new stage. */
#ifndef ROTA_TESTS_CONTRACT_TESTS_H
#define ROTA_TESTS_CONTRACT_TESTS_H

#include "tests/contract/guarantees.h"
#include "tests/contract/peer.h"

#define X(number, name, able, sentence) void test_##name(struct stage *s);
GUARANTEE_MAP(X)
#undef X

#endif
