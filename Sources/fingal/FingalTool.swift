@main struct FingalTool { static func main() {} }
