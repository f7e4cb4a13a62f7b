// swift-tools-version: 6.3
import PackageDescription

// A package of its own: libFuzzer brings its own `main`, which must not come near the programs.
// One program a target of `FuzzTarget`; `Fuzz/run` builds and runs them.
let targets = ["open", "page", "values", "schema", "csv", "convert", "expression"]

let package = Package(
  name: "fingal-fuzz",
  dependencies: [.package(name: "fingal", path: "..")],
  targets: targets.map {
    .executableTarget(
      name: "fuzz-\($0)", dependencies: [.product(name: "FingalFuzzing", package: "fingal")], path: "Sources/\($0)")
  },
  swiftLanguageModes: [.v6]
)
