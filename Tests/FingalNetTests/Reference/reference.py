#!/usr/bin/env python3
"""Reference values for the first training steps of cnn2d and cnn3d, from NumPy in double precision.

An implementation independent of the Swift code: nothing is shared but the definition of the nets, of Adam and of the
generator below. Run it to make Data/first-steps.json again:

    python3 Tests/FingalNetTests/Reference/reference.py > Tests/FingalNetTests/Data/first-steps.json

With --torch it compares every gradient of every step with PyTorch's autograd (double precision) and prints the largest
difference relative to the largest gradient of each tensor, instead of writing the values.
"""
import json
import sys

import numpy as np

# The generator of CounterRandom.swift: SplitMix64 addressed by its counter.
GAMMA = np.uint64(0x9E3779B97F4A7C15)


def mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(seed, stream, indices):
    """Numbers in [0, 1) at the given places of a stream."""
    with np.errstate(over="ignore"):
        key = mix(np.uint64(seed) + GAMMA * np.uint64(stream + 1))
        bits = mix(key + GAMMA * (indices.astype(np.uint64) + np.uint64(1)))
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


# The nets: ("conv", filters), ("pool",), ("dense", units). Images are (channels, depth, height, width).
CNN2D = [("conv", 32), ("conv", 32), ("pool",), ("conv", 64), ("pool",), ("dense", 128), ("dense", 1)]
CNN3D = [("conv", 16), ("conv", 16), ("pool",), ("conv", 32), ("pool",), ("dense", 128), ("dense", 1)]


def initial_parameters(layers, shape, flat, seed):
    """Glorot-uniform weights rounded to float32, biases zero; as a list of (name, array)."""
    parameters, counts = [], {}
    channels, spatial = shape[0], list(shape[1:])
    for layer in layers:
        kind = layer[0]
        if kind == "pool":
            spatial = [n if flat and axis == 0 else n // 2 for axis, n in enumerate(spatial)]
            continue
        counts[kind] = counts.get(kind, 0) + 1
        if kind == "conv":
            kernel = (1, 3, 3) if flat else (3, 3, 3)
            weight_shape = (layer[1], channels, *kernel)
            receptive = int(np.prod(kernel))
            fan_in, fan_out = channels * receptive, layer[1] * receptive
        else:
            inputs = channels * int(np.prod(spatial))
            weight_shape = (layer[1], inputs)
            fan_in, fan_out, spatial = inputs, layer[1], []
        limit = np.sqrt(6 / (fan_in + fan_out))
        u = uniform(seed, len(parameters), np.arange(np.prod(weight_shape)))
        weights = ((2 * u - 1) * limit).astype(np.float32).astype(np.float64).reshape(weight_shape)
        parameters.append((f"{kind}{counts[kind]}.weight", weights))
        parameters.append((f"{kind}{counts[kind]}.bias", np.zeros(layer[1])))
        channels = layer[1]
    return parameters


def events(seed, step, count, size):
    """Images with 7 % of the voxels lit, brighter for signal; labels; weights. All rounded to float32."""
    index = np.arange(count * size)
    lit = uniform(seed, 1000 + step, 2 * index) < 0.07
    value = (2 * uniform(seed, 1000 + step, 2 * index + 1)).astype(np.float32)
    labels = (np.arange(count) % 3 == 0).astype(np.float64)
    factor = np.repeat(np.where(labels == 1, 1.5, 1.0), size).astype(np.float32)
    images = np.where(lit, value * factor, np.float32(0)).astype(np.float64).reshape(count, size)
    weights = (0.5 + uniform(seed, 2000 + step, np.arange(count))).astype(np.float32).astype(np.float64)
    return images, labels, weights


def shifted(x, offset, kernel):
    """x moved so that the input under kernel place `offset` stands at each output; zeros come in at the borders."""
    result = np.zeros_like(x)
    source, target = [slice(None)] * 2, [slice(None)] * 2
    for n, o, k in zip(x.shape[2:], offset, kernel):
        d = o - k // 2
        source.append(slice(max(d, 0), min(n, n + d)))
        target.append(slice(max(-d, 0), min(n, n - d)))
    result[tuple(target)] = x[tuple(source)]
    return result


def convolve(x, w, b):
    y = np.zeros((x.shape[0], w.shape[0], *x.shape[2:]))
    for offset in np.ndindex(*w.shape[2:]):
        y += np.einsum("oc,bc...->bo...", w[(slice(None), slice(None), *offset)], shifted(x, offset, w.shape[2:]),
                       optimize=True)
    return y + b.reshape(1, -1, 1, 1, 1)


def convolve_backward(x, w, g):
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    kernel = w.shape[2:]
    for offset in np.ndindex(*kernel):
        place = (slice(None), slice(None), *offset)
        mirrored = tuple(k - 1 - o for k, o in zip(kernel, offset))
        dw[place] = np.tensordot(g, shifted(x, offset, kernel), axes=([0, 2, 3, 4], [0, 2, 3, 4]))
        dx += np.einsum("oc,bo...->bc...", w[place], shifted(g, mirrored, kernel), optimize=True)
    return dx, dw, g.sum(axis=(0, 2, 3, 4))


def blocks(x, flat):
    """The values of each pooling block along a last axis."""
    size = (1, 2, 2) if flat else (2, 2, 2)
    b, c = x.shape[:2]
    n = [m // s for m, s in zip(x.shape[2:], size)]
    x = x[:, :, : n[0] * size[0], : n[1] * size[1], : n[2] * size[2]]
    x = x.reshape(b, c, n[0], size[0], n[1], size[1], n[2], size[2]).transpose(0, 1, 2, 4, 6, 3, 5, 7)
    return x.reshape(b, c, *n, -1), size


def pool_backward(x, g, flat):
    values, size = blocks(x, flat)
    won = np.zeros_like(values)
    np.put_along_axis(won, values.argmax(axis=-1)[..., None], g[..., None], axis=-1)
    b, c, *n = g.shape
    won = won.reshape(b, c, *n, *size).transpose(0, 1, 2, 5, 3, 6, 4, 7)
    dx = np.zeros_like(x)
    dx[:, :, : n[0] * size[0], : n[1] * size[1], : n[2] * size[2]] = won.reshape(
        b, c, n[0] * size[0], n[1] * size[1], n[2] * size[2])
    return dx


def forward(layers, parameters, images, flat):
    """Logits, and what the backward pass needs: the input and the value before ReLU of each layer."""
    x, tape, number = images, [], 0
    for position, layer in enumerate(layers):
        before = x
        if layer[0] == "pool":
            x = blocks(x, flat)[0].max(axis=-1)
            tape.append((before, None, None))
            continue
        w, b = parameters[number][1], parameters[number + 1][1]
        if layer[0] == "conv":
            z = convolve(x, w, b)
        else:
            z = x.reshape(len(x), -1) @ w.T + b
        tape.append((before, z, number))
        number += 2
        x = z if position == len(layers) - 1 else np.maximum(z, 0)
    return x[:, 0], tape


def loss_and_gradients(layers, parameters, images, labels, weights, flat):
    z, tape = forward(layers, parameters, images, flat)
    loss = np.sum(weights * (np.maximum(z, 0) - z * labels + np.log1p(np.exp(-np.abs(z))))) / len(z)
    g = (weights * (1 / (1 + np.exp(-z)) - labels) / len(z))[:, None]
    gradients = [None] * len(parameters)
    for position in reversed(range(len(layers))):
        x, before_relu, number = tape[position]
        if layers[position][0] == "pool":
            g = pool_backward(x, g, flat)
            continue
        if position != len(layers) - 1:
            g = g * (before_relu > 0)
        if layers[position][0] == "conv":
            g, gradients[number], gradients[number + 1] = convolve_backward(x, parameters[number][1], g)
        else:
            flattened = x.reshape(len(x), -1)
            gradients[number], gradients[number + 1] = g.T @ flattened, g.sum(axis=0)
            g = (g @ parameters[number][1]).reshape(x.shape)
    return loss, gradients


def compare_with_torch(layers, parameters, images, labels, weights, flat, gradients):
    import torch
    import torch.nn.functional as f

    tensors = [torch.tensor(value, requires_grad=True) for _, value in parameters]
    x, number = torch.tensor(images), 0
    for position, layer in enumerate(layers):
        if layer[0] == "pool":
            x = f.max_pool3d(x, (1, 2, 2) if flat else 2)
            continue
        w, b = tensors[number : number + 2]
        number += 2
        x = f.conv3d(x, w, b, padding=tuple(k // 2 for k in w.shape[2:])) if layer[0] == "conv" else f.linear(
            x.flatten(1), w, b)
        if position != len(layers) - 1:
            x = torch.relu(x)
    loss = f.binary_cross_entropy_with_logits(x[:, 0], torch.tensor(labels), torch.tensor(weights))
    loss.backward()
    return max(float(np.abs(t.grad.numpy() - g).max() / np.abs(g).max()) for t, g in zip(tensors, gradients))


def train(name, layers, image, flat, seed, counts):
    shape = (image[0], 1, *image[1:]) if flat else (1, *image)
    size = int(np.prod(shape))
    parameters = initial_parameters(layers, shape, flat, seed)
    moments = [(np.zeros_like(v), np.zeros_like(v)) for _, v in parameters]
    losses, norms = [], []
    for step, count in enumerate(counts):
        images, labels, weights = events(seed, step, count, size)
        images = images.reshape(count, *shape)
        loss, gradients = loss_and_gradients(layers, parameters, images, labels, weights, flat)
        if "--torch" in sys.argv:
            difference = compare_with_torch(layers, parameters, images, labels, weights, flat, gradients)
            print(f"{name} step {step + 1}: largest relative difference of a gradient {difference:.1e}")
        losses.append(loss)
        norms.append({n: float(np.linalg.norm(g)) for (n, _), g in zip(parameters, gradients)})
        # Adam as in Keras.
        t = step + 1
        alpha = 1e-3 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        for (_, value), (m, v), g in zip(parameters, moments, gradients):
            m += (g - m) * (1 - 0.9)
            v += (g * g - v) * (1 - 0.999)
            value -= alpha * m / (np.sqrt(v) + 1e-7)
    images, _, _ = events(seed, len(counts), 8, size)
    logits, _ = forward(layers, parameters, images.reshape(8, *shape), flat)
    final = {}
    for parameter, value in parameters:
        places = sorted({int(i) for i in np.linspace(0, value.size - 1, 12)})
        final[parameter] = {
            "norm": float(np.linalg.norm(value)),
            "places": places,
            "values": [float(value.flat[i]) for i in places],
        }
    return {
        "name": name, "image": image, "seed": seed, "counts": counts, "losses": losses, "gradientNorms": norms,
        "weights": final, "scores": (1 / (1 + np.exp(-logits))).tolist(),
    }


if __name__ == "__main__":
    results = [
        train("cnn2d", CNN2D, [28, 15, 15], True, 71, [16, 16, 16, 16, 11]),
        train("cnn2d", CNN2D, [28, 12, 15], True, 72, [8, 8, 8, 8, 8, 3]),
        train("cnn3d", CNN3D, [28, 15, 15], False, 73, [8, 8, 8, 8, 5]),
        train("cnn3d", CNN3D, [28, 13, 13], False, 74, [8, 8, 8]),
    ]
    if "--torch" not in sys.argv:
        json.dump(results, sys.stdout, indent=1)
        print()
