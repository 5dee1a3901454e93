/* SHA-1 (FIPS 180-4), for the digests of credentials. */
#ifndef ROTA_SERVER_SHA1_H
#define ROTA_SERVER_SHA1_H

#include <stddef.h>
#include <stdint.h>

enum { ROTA_SHA1_BYTES = 20 };

/* Writes the digest of `length` bytes. */
void rota_sha1(const uint8_t *bytes, size_t length, uint8_t digest[ROTA_SHA1_BYTES]);

#endif
