System.Console.WriteLine("McpActors");
