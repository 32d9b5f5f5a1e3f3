import Authoring
import Diagnostics
import Rules

/// `grandstand schema`: the rule language for editors.
enum SchemaCommand: Command {
  static let specification = CommandSpecification(
    name: "schema", summary: "Print the JSON Schema of segment files, for completion and hover in editors.",
    examples: [
      (
        "grandstand schema > segment.schema.json",
        "with the project's own fields and segments; without a project, for any"
      ),
      (
        "# yaml-language-server: $schema=../segment.schema.json",
        "the first line of a file in segments/, for VS Code with the YAML extension and other editors"
      ),
    ],
    details:
      "A schema knows the form of a rule; 'grandstand check' also knows the store, dates, references and tests."
  )

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    var schema = SegmentSchema(nil)
    if arguments["--project"] != nil || Workspace.isHere {
      let workspace = try Workspace.load(arguments, printer)
      let files = (try? Workspace.yamlPaths(in: workspace.project.segments)) ?? []
      let ids = files.map { Segment.id(ofFile: $0) }.filter { $0 != "definitions" }
      schema = SegmentSchema(workspace.ruleContext(asOf: nil), segments: ids.sorted())
    }
    printer.out(schema.json.pretty + "\n")
    return .done
  }
}
