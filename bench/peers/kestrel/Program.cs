// A minimal ASP.NET Core application: a WebSocket echo at /ws, a SignalR hub at /hub, 13 bytes at /hello. Takes the port,
// what it does (echo; http2 for HTTP/2 without TLS, which needs a port of its own), and for TLS a
// certificate and its key.

using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR;

var port = args.Length > 0 ? int.Parse(args[0]) : 0;
var cleartextHttp2 = args.Length > 1 && args[1] == "http2";

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
// The load generator takes no pings for echoes.
builder.Services.AddSignalR(options => options.KeepAliveInterval = TimeSpan.FromMinutes(10));
builder.WebHost.UseKestrelHttpsConfiguration();
builder.WebHost.ConfigureKestrel(options =>
{
    options.Listen(IPAddress.Loopback, port, listen =>
    {
        if (args.Length > 3)
        {
            using var pem = X509Certificate2.CreateFromPemFile(args[2], args[3]);
            listen.UseHttps(X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pfx), null));
        }
        else if (cleartextHttp2)
        {
            listen.Protocols = HttpProtocols.Http2;
        }
    });
});

var app = builder.Build();
app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
app.MapHub<BenchHub>("/hub");
app.MapGet("/hello", () => "Hello, World!");
app.Map("/ws", async (HttpContext context) =>
{
    if (!context.WebSockets.IsWebSocketRequest)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return;
    }
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    var buffer = new byte[4096];
    try
    {
        var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        while (received.MessageType != WebSocketMessageType.Close)
        {
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType,
                received.EndOfMessage, CancellationToken.None);
            received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        }
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }
    catch (WebSocketException)
    {
        // The load generator goes without a Close.
    }
});
await app.StartAsync();
Console.WriteLine($"Now listening on: {app.Urls.First().Replace("localhost", "127.0.0.1")}");
await app.WaitForShutdownAsync();

public sealed class Order
{
    public int Id { get; set; }
    public string Symbol { get; set; } = "";
    public string Account { get; set; } = "";
    public bool Buys { get; set; }
    public int Quantity { get; set; }
    public double Price { get; set; }
    public double Limit { get; set; }
    public string Note { get; set; } = "";
}

internal sealed class BenchHub : Hub
{
    public string Echo(string text) => text;
    public Order EchoStruct(Order value) => value;
    public List<int> EchoNumbers(List<int> values) => values;
    public Task Broadcast(string text) => Clients.Others.SendAsync("Receive", text);
}
