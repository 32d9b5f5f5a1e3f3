// swift-tools-version: 6.2
import PackageDescription

/// Every target: Swift 6, and an unsafe place says so.
let checked: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatWarning("StrictMemorySafety", as: .error),
]

#if arch(x86_64)
  /// AVX2 for loops that touch rows.
  let avx2 = ["-march=x86-64-v3"]
#else
  let avx2: [String] = []
#endif
let hot = checked + [.unsafeFlags(avx2.flatMap { ["-Xcc", $0] })]

/// One room: a target of the product and its tests.
func room(_ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = checked)
  -> [Target]
{
  [
    .target(name: name, dependencies: dependencies, swiftSettings: settings),
    .testTarget(
      name: name + "Tests", dependencies: [.target(name: name), "Support"] + dependencies,
      swiftSettings: checked),
  ]
}

/// A C library of the system behind a one-line header.
func library(_ name: String, pkgConfig: String? = nil, debian: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debian])])
}

let libraries: [Target] = [
  library("CLZ4", pkgConfig: "liblz4", debian: "liblz4-dev"),
  library("CZstd", pkgConfig: "libzstd", debian: "libzstd-dev"),
  library("CRoaring", debian: "libroaring-dev"),
  library("CYAML", pkgConfig: "yaml-0.1", debian: "libyaml-dev"),
  library("CISAL", pkgConfig: "libisal", debian: "libisal-dev"),
  library("CXXHash", debian: "libxxhash-dev"),
  library("CCrypto", pkgConfig: "libcrypto", debian: "libssl-dev"),
  .target(
    name: "CSimdjson", cxxSettings: [.unsafeFlags(["-O3", "-std=c++17"] + avx2)],
    linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]),
]

let rooms: [[Target]] = [
  room("Diagnostics", []),
  room("YAML", ["CYAML", "Diagnostics"]),
  room("ArrowIPC", ["CLZ4", "CZstd", "CXXHash"], hot),
  room("Bitmaps", ["CRoaring"], hot),
  room("Events", ["CXXHash", "Diagnostics"], hot),
  room("Project", ["YAML", "Diagnostics", "Events"]),
  room("Rules", ["YAML", "Diagnostics", "Events"]),
  room("Authoring", ["Rules", "YAML", "Diagnostics", "Events"]),
  room("Store", ["Events", "ArrowIPC", "Bitmaps", "Diagnostics", "CXXHash"], hot),
  room(
    "Ingest", ["Store", "ArrowIPC", "Events", "Project", "Diagnostics", "CISAL", "CXXHash", "CSimdjson"], hot),
  room("Engine", ["Store", "Rules", "Events", "Bitmaps", "Diagnostics", "CCrypto"], hot),
  room("Gzip", ["CISAL"]),
  room("Delivery", ["Diagnostics", "Gzip", "CCrypto"]),
  room("Generator", ["Events", "Diagnostics", "Gzip"], hot),
]

let package = Package(
  name: "grandstand",
  targets: libraries + rooms.flatMap { $0 } + [
    .target(name: "Support", path: "Tests/Support", swiftSettings: [.swiftLanguageMode(.v6)]),
    .executableTarget(
      name: "grandstand",
      dependencies: [
        "Diagnostics", "YAML", "ArrowIPC", "Bitmaps", "Events", "Project", "Rules", "Store", "Ingest",
        "Engine", "Delivery", "Generator", "Authoring",
      ], swiftSettings: checked),
    .testTarget(
      name: "JourneyTests",
      dependencies: [
        "Support", "Diagnostics", "Events", "Project", "Rules", "Store", "Ingest", "Engine", "Bitmaps",
        "Generator",
      ],
      swiftSettings: [.swiftLanguageMode(.v6)]),
    .testTarget(name: "CommandTests", dependencies: ["Support", "grandstand"], swiftSettings: checked),
  ]
)

// `tools/fuzz` only: libFuzzer needs its own flags on every target, and newcomers need not see it.
if Context.environment["GRANDSTAND_FUZZ"] != nil {
  package.targets += [
    .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzz/CLibFuzzer"),
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "CLibFuzzer", "Diagnostics", "YAML", "ArrowIPC", "Bitmaps", "Events", "Project", "Rules", "Store",
        "Ingest",
        "Gzip",
      ], path: "Tests/Fuzz/Sources", swiftSettings: [.swiftLanguageMode(.v6)]),
  ]
}
