@main struct FingalTrainTool { static func main() {} }
