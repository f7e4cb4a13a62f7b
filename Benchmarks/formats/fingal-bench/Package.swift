// swift-tools-version: 6.3
import PackageDescription

// A package of its own, so that it sees Fingal as a user does: through its products and their public API.
let package = Package(
  name: "fingal-bench",
  dependencies: [.package(name: "fingal", path: "../../..")],
  targets: [
    .executableTarget(
      name: "fingal-bench",
      dependencies: [
        .product(name: "Fingal", package: "fingal"),
        .product(name: "FingalFeed", package: "fingal"),
      ],
      swiftSettings: [
        .strictMemorySafety(), .treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
