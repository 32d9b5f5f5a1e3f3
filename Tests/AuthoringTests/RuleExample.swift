import Diagnostics
import Events
import Rules
import Support

/// A file of rules that is right: the project's segments and every YAML block of the reference, with what it needs beside
/// it.
struct RuleExample {
  let name: String
  let text: String
  private let others: [SourceText]
  private let context: RuleContext

  static let all: [RuleExample] = segments + reference

  private static let context = {
    var context = RuleContext(properties: [
      .property("subscription", number: false), .property("score", number: true),
    ])
    context.userFields += [
      Field(name: "tier", kind: .text), Field(name: "points", kind: .number),
      Field(name: "subscribed_since", kind: .time),
    ]
    context.articleFields = [.ofArticle("premium", .text), .published]
    context.lists = ["do-not-target", "vip"]
    return context
  }()

  private static let segments: [RuleExample] = {
    let folder = Support.packageRoot + "segments/"
    let names = Support.names(in: folder).filter { $0.hasSuffix(".yaml") }
    let files = names.map { ($0, String(decoding: Support.read(folder + $0), as: UTF8.self)) }
    return files.map { name, text in
      let others = files.filter { $0.0 != name && text.contains($0.0.dropLast(5)) }.map {
        SourceText(file: $0.0, text: $0.1)
      }
      return RuleExample(name: name, text: text, others: others, context: context)
    }
  }()

  private static let reference: [RuleExample] = {
    let docs = String(decoding: Support.read(Support.packageRoot + "docs/rules.md"), as: UTF8.self)
    let blocks = docs.matches(of: #/```yaml\n((?:.|\n)*?)```/#).map { SchemaTests.whole(String($0.1)) }
    let template = blocks.first { $0.contains("parameters:") } ?? ""
    var others = ["formula-1-fans", "motogp-fans", "rally-fans", "two-creatives"].map {
      SourceText(
        file: $0 + ".yaml",
        text:
          "purpose: ads\nholdout: 10%\nsplit: {a: 50%, b: 50%}\nwho: {views: any, where: {tag: \($0)}, when: last 7d}\n"
      )
    }
    return blocks.enumerated().map { index, text in
      let isTemplate = text.contains("parameters:")
      let beside =
        isTemplate
        ? [
          SourceText(
            file: "makes.yaml", text: "template: section-fans\nmake: {made: {section: news, n: 2}}\n")
        ]
        : [SourceText(file: "section-fans.yaml", text: template)]
      return RuleExample(
        name: isTemplate ? "section-fans.yaml" : "example-\(index).yaml", text: text, others: others + beside,
        context: context)
    }
  }()

  /// Compiles the file with another text.
  func compile(_ text: [UInt8]) -> Compilation {
    RuleCompiler.compile(others + [SourceText(file: name, bytes: text)], context: context)
  }
}

/// What a segment says, without where it says it.
struct SegmentMeaning: Equatable {
  struct Test: Equatable {
    struct Event: Equatable {
      var day: Int
      var at: Int64?
      var texts: [Field: [String]]
      var numbers: [Field: Double]
      var dwell: UInt32?
      var session: String?
    }
    var given: [Event]
    var segments, lists: [String]
    var listed: [String: [String]]
    var asOf: Day?
    var texts: [Field: String]
    var numbers: [Field: Double]
    var times: [Field: Int64]
    var expectsMember: Bool
  }
  var words: [String]
  var tags, destinations: [String]
  var draft: Bool
  var root: RuleNode
  var after: AfterWho
  var tests: [Test]

  init(_ segment: Segment) {
    words = [
      segment.id, segment.name, segment.description, segment.owner, segment.purpose,
      segment.expires.map(\.description) ?? "",
    ]
    (tags, destinations, draft) = (segment.tags, segment.destinations, segment.draft)
    (root, after) = (segment.root, segment.after)
    tests = segment.tests.map { test in
      Test(
        given: test.given.map {
          Test.Event(
            day: $0.day, at: $0.at, texts: $0.texts, numbers: $0.numbers, dwell: $0.dwell, session: $0.session
          )
        },
        segments: test.segments, lists: test.lists, listed: test.listed, asOf: test.asOf, texts: test.texts,
        numbers: test.numbers,
        times: test.times,
        expectsMember: test.expectsMember)
    }
  }
}
