/* The guarantees of docs/BACKEND.md: one test for each number, written once and run against every
 * backend. */
#ifndef ROTA_TESTS_CONTRACT_CONTRACT_H
#define ROTA_TESTS_CONTRACT_CONTRACT_H

#include "tests/contract/fixture.h"

/* Runs every test for which the fixture has the abilities. Returns the number of failures. */
int contract_run(const struct fixture *fixture);

#endif
