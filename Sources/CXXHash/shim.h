#ifndef CXXHASH_SHIM_H
#define CXXHASH_SHIM_H
#include <xxhash.h>

/* The library's variants for AVX2 and AVX-512, chosen when it runs, where it has them (Debian's has, on x86-64): twice as
   fast as what every x86-64 can do. The hash is the same. */
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#define XXH_DISPATCH_DISABLE_REPLACE
#include <xxh_x86dispatch.h>
static inline XXH64_hash_t fingal_xxh3(const void *bytes, size_t count, XXH64_hash_t seed) {
  return XXH3_64bits_withSeed_dispatch(bytes, count, seed);
}
#else
static inline XXH64_hash_t fingal_xxh3(const void *bytes, size_t count, XXH64_hash_t seed) {
  return XXH3_64bits_withSeed(bytes, count, seed);
}
#endif
#endif
