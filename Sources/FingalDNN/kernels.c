// Loops over all weights. The compiler makes one variant for each level of the processor and the loader picks, so that no
// special compiler flags are needed.
#include "fingal_dnn.h"

// The thread sanitizer instruments the functions that pick a variant while the program is still being loaded, and crashes.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ONE_VARIANT 1
#endif
#endif

#if defined(__x86_64__) && !defined(ONE_VARIANT)
#define VARIANTS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VARIANTS
#endif

VARIANTS void fdnn_add(float *restrict sum, const float *restrict addend, size_t count) {
  for (size_t i = 0; i < count; i++) sum[i] += addend[i];
}

VARIANTS int fdnn_all_below(const float *values, size_t count, float limit) {
  int bad = 0;
  for (size_t i = 0; i < count; i++) bad |= !(__builtin_fabsf(values[i]) < limit);
  return !bad;
}

VARIANTS void fdnn_adam(
    float *restrict weights, const float *restrict gradient, float *restrict first_moment,
    float *restrict second_moment, size_t count, float alpha, float beta1, float beta2, float epsilon) {
  for (size_t i = 0; i < count; i++) {
    float g = gradient[i];
    float m = first_moment[i] + (g - first_moment[i]) * (1.f - beta1);
    float v = second_moment[i] + (g * g - second_moment[i]) * (1.f - beta2);
    first_moment[i] = m;
    second_moment[i] = v;
    weights[i] -= alpha * m / (__builtin_sqrtf(v) + epsilon);
  }
}
