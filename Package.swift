// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableExperimentalFeature("Lifetimes"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

// Dependencies run downwards only: Fingal <- {FingalCSV, FingalSelect} <- FingalFeed <- FingalNet <- fingal-train.
// `fingal` needs no oneDNN.
let package = Package(
  name: "fingal",
  products: [
    .library(name: "Fingal", targets: ["Fingal"]),
    .library(name: "FingalCSV", targets: ["FingalCSV"]),
    .library(name: "FingalSelect", targets: ["FingalSelect"]),
    .library(name: "FingalFeed", targets: ["FingalFeed"]),
    .library(name: "FingalNet", targets: ["FingalNet"]),
    .library(name: "FingalFuzzing", targets: ["FingalFuzzing"]),
    .executable(name: "fingal", targets: ["FingalCommand"]),
    .executable(name: "fingal-train", targets: ["FingalTrainCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // System libraries.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),

    // The format.
    .target(name: "FingalKernels", dependencies: ["CXXHash"]),
    .target(
      name: "Fingal", dependencies: ["FingalKernels", "CZlib", "CLZ4", "CZstd", "CXXHash"], swiftSettings: strict),

    // CSV in and out, cuts.
    .target(name: "FingalCSV", dependencies: ["Fingal", "FingalKernels", "CZlib", "CZstd"], swiftSettings: strict),
    .target(name: "FingalSelect", dependencies: ["Fingal"], swiftSettings: strict),

    // What the fuzzers of `Fuzz/` run; the tests run the seeds and found cases through the same code.
    .target(name: "FingalFuzzing", dependencies: ["Fingal", "FingalCSV", "FingalSelect"], swiftSettings: strict),

    // Events to tensors, tensors to networks.
    .target(name: "FingalFeed", dependencies: ["Fingal", "FingalSelect", "FingalKernels"], swiftSettings: strict),
    .target(name: "FingalDNN", dependencies: ["COneDNN"], linkerSettings: [.linkedLibrary("dnnl")]),
    .target(name: "FingalNet", dependencies: ["Fingal", "FingalFeed", "FingalDNN"], swiftSettings: strict),

    // The programs. Their modules are named apart from the library's, so that a file system that folds case can
    // hold both `Fingal` and `fingal`.
    .executableTarget(
      name: "FingalCommand", dependencies: ["Fingal", "FingalCSV", "FingalSelect", argumentParser],
      path: "Sources/fingal", swiftSettings: strict),
    .executableTarget(
      name: "FingalTrainCommand",
      dependencies: ["Fingal", "FingalSelect", "FingalFeed", "FingalNet", argumentParser],
      path: "Sources/fingal-train", swiftSettings: strict),

    // Tests.
    .testTarget(name: "FingalTests", dependencies: ["Fingal", "FingalKernels"], swiftSettings: strict),
    .testTarget(
      name: "FingalCSVTests", dependencies: ["Fingal", "FingalCSV", "FingalKernels", "CZlib", "CZstd"], exclude: ["Data"], swiftSettings: strict),
    .testTarget(name: "ConformanceTests", dependencies: ["Fingal"], swiftSettings: strict),
    .testTarget(name: "FingalFuzzingTests", dependencies: ["Fingal", "FingalFuzzing"], swiftSettings: strict),
    .testTarget(name: "FingalSelectTests", dependencies: ["FingalSelect"], swiftSettings: strict),
    .testTarget(name: "FingalFeedTests", dependencies: ["FingalFeed", "FingalKernels"], swiftSettings: strict),
    .testTarget(
      name: "FingalNetTests", dependencies: ["Fingal", "FingalNet", "FingalDNN"],
      exclude: ["Reference", "Data"], swiftSettings: strict),
    .testTarget(
      name: "CommandTests", dependencies: ["Fingal", "FingalCSV", "FingalCommand", "FingalTrainCommand", "FingalTestWriter"],
      swiftSettings: strict),
    // A writer for the tests to kill.
    .executableTarget(
      name: "FingalTestWriter", dependencies: ["Fingal"], path: "Tests/TestWriter", swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
