// Everything that the .NET client does, against the server of the interoperation tests.
//
//   dotnet run ADDRESS TRANSPORT PROTOCOL [TOKEN]
//
// Prints one line for each check that failed, and gives their number.

using System.Threading.Channels;
#if CORE_ONLY
using System.Net;
using Microsoft.AspNetCore.Connections;
#endif
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

var (address, transport, protocol, token) = (args[0], Enum.Parse<HttpTransportType>(args[1]), args[2], args[3]);
var failures = 0;

void Check(string what, object? actual, object? expected)
{
    if (Equals(actual, expected)) return;
    Console.WriteLine($"{what}: {actual} instead of {expected}");
    ++failures;
}

void CheckAll<T>(string what, IEnumerable<T> actual, IEnumerable<T> expected) =>
    Check(what, string.Join(",", actual), string.Join(",", expected));

async Task<string> Failure(Func<Task> work)
{
    try { await work().WaitAsync(TimeSpan.FromSeconds(10)); return "no error"; }
    catch (HubException error) { return error.Message; }
}

HubConnection Build(string path, Action<HubConnectionBuilder>? more = null, string? accessToken = null)
{
    var builder = new HubConnectionBuilder();
#if CORE_ONLY
    builder.Services.AddSingleton<IConnectionFactory>(new SocketFactory(accessToken));
    builder.Services.AddSingleton<EndPoint>(new UriEndPoint(new Uri(address + path)));
#else
    builder.WithUrl(address + path, transport, options =>
    {
        options.HttpMessageHandlerFactory = handler =>
        {
            if (handler is HttpClientHandler client) client.ServerCertificateCustomValidationCallback = (_, _, _, _) => true;
            return handler;
        };
        options.WebSocketConfiguration = socket => socket.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        if (accessToken is not null) options.AccessTokenProvider = () => Task.FromResult<string?>(accessToken);
    });
    if (protocol == "messagepack") builder.AddMessagePackProtocol();
#endif
    more?.Invoke(builder);
    return builder.Build();
}

async Task<HubConnection> Connect(string path = "/hub", string? accessToken = null)
{
    var connection = Build(path, accessToken: accessToken);
    await connection.StartAsync().WaitAsync(TimeSpan.FromSeconds(10));
    return connection;
}

async IAsyncEnumerable<int> Numbers(int count)
{
    for (var i = 1; i <= count; ++i) { await Task.Yield(); yield return i; }
}

// As the server knows it: a client that did not negotiate has not been told.
async Task<string> Id(HubConnection of) => (await of.InvokeAsync<Dictionary<string, object>>("Who"))["connectionId"].ToString()!;

// Results and errors.
await using var one = await Connect();
Check("add", await one.InvokeAsync<int>("Add", 2, 3), 5);
Check("add, another case", await one.InvokeAsync<int>("aDD", 2, 3), 5);
await one.InvokeAsync("Nothing");
Check("nothing", await one.InvokeAsync<object?>("Nothing"), null);
Check("maybe", await one.InvokeAsync<int?>("Maybe", null), null);
Check("64 bits", await one.InvokeAsync<ulong>("Big"), 9_007_199_254_740_993UL);
Check("echo", await one.InvokeAsync<string>("Echo", "größe \U0001F600"), "größe \U0001F600");
Check("echo of 64 bits", await one.InvokeAsync<long>("Echo", long.MinValue), long.MinValue);
Check("unknown method", await Failure(() => one.InvokeAsync("Nobody")), "Failed to invoke 'Nobody' due to an error on the server. HubException: Method does not exist.");
Check("secret error", await Failure(() => one.InvokeAsync("Fail")), "An unexpected error occurred invoking 'Fail' on the server.");
Check("open error", await Failure(() => one.InvokeAsync("FailOpenly")), "An unexpected error occurred invoking 'FailOpenly' on the server. HubException: shown to everybody");
Check("wrong count", await Failure(() => one.InvokeAsync("Add", 1)), "Failed to invoke 'Add' due to an error on the server.");
Check("not authorized", await Failure(() => one.InvokeAsync("ForAdministrators")), "Failed to invoke 'ForAdministrators' because user is unauthorized");

// Complex types: MessagePack has the names as they are written, JSON in camel case.
var order = new order { id = 1, price = 2.5, urgent = true, items = [new item { name = "x", count = 3 }], tags = new() { ["a"] = 1 }, blob = [1, 2, 3], created = new DateTime(2000, 1, 1, 12, 30, 15, 250, DateTimeKind.Utc) };
var changed = await one.InvokeAsync<order>("Change", order);
Check("id", changed.id, 2L);
Check("price", changed.price, 2.5);
Check("item", (changed.items[0].name, changed.items[0].count), ("x", 6));
Check("tag", changed.tags["a"], 1);
CheckAll<byte>("bytes", changed.blob, [3, 2, 1]);
Check("time", changed.created.ToUniversalTime(), order.created.AddDays(1));

// Streams both ways.
var items = new List<int>();
await foreach (var item in one.StreamAsync<int>("Counter", 100, 0)) items.Add(item);
CheckAll("stream", items, Enumerable.Range(0, 100));
var words = new List<string>();
var channel = await one.StreamAsChannelAsync<string>("Later", "again");
await foreach (var word in channel.ReadAllAsync()) words.Add(word);
CheckAll("channel", words, ["again", "again", "again"]);
Check("failing stream", await Failure(async () => { await foreach (var _ in one.StreamAsync<int>("FailingOpenly")) { } }), "An error occurred on the server while streaming results. HubException: shown to everybody");
using (var stop = new CancellationTokenSource())
{
    var seen = 0;
    try { await foreach (var _ in one.StreamAsync<int>("Counter", 1_000_000, 1, stop.Token)) if (++seen == 3) stop.Cancel(); }
    catch (OperationCanceledException) { }
    var stopped = $"stream stopped {await Id(one)}";
    for (var i = 0; i < 100 && !(await one.InvokeAsync<string[]>("ReadJournal")).Contains(stopped); ++i) await Task.Delay(50);
    Check("cancelled stream", (await one.InvokeAsync<string[]>("ReadJournal")).Contains(stopped), true);
}
Check("upload", await one.InvokeAsync<int>("Sum", Numbers(50)), 1275);
// Not two at a time: this client's first stream that ends takes the others' CancellationTokenSource with it.
var doubled = new List<int>();
await foreach (var each in one.StreamAsync<int>("Doubled", Numbers(3))) doubled.Add(each);
CheckAll("both ways", doubled, [2, 4, 6]);

// Other clients, groups, results of clients.
await using var two = await Connect();
var notes = Channel.CreateUnbounded<string>();
two.On<string>("Note", note => notes.Writer.TryWrite(note));
async Task<string> Note() => await notes.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
await one.InvokeAsync("SendOthers", "others");
Check("others", await Note(), "others");
await two.InvokeAsync("EnterGroup", "dotnet");
await one.InvokeAsync("SendGroup", "dotnet", "group");
Check("group", await Note(), "group");
await one.SendAsync("SendClient", await Id(two), "client");
Check("client", await Note(), "client");
one.On("ClientAdd", (int a, int b) => a + b);
two.On("Name", () => "the other");
Check("client result", await one.InvokeAsync<int>("AskCaller", 3, 4), 7);
Check("another's result", await one.InvokeAsync<string>("Ask", await Id(two), "Name"), "the other");
Check("no result", await one.InvokeAsync<string>("Ask", await Id(two), "Nobody"), "failed: Client didn't provide a result.");

// Users.
await using (var secured = await Connect("/secured", token))
{
    secured.On<string>("Note", note => notes.Writer.TryWrite(note));
    await secured.InvokeAsync("SendUser", "anna", "user");
    Check("user", await Note(), "user");
}
try { await using var refused = await Connect("/secured"); Check("without a token", "connected", "refused"); }
catch (Exception error) { Check("without a token", error.Message.Contains("401"), true); }

// Thrown out by the hub: no coming back.
await using (var thrownOut = Build("/hub", builder => builder.WithAutomaticReconnect()))
{
    var closed = new TaskCompletionSource<Exception?>();
    thrownOut.Closed += error => { closed.TrySetResult(error); return Task.CompletedTask; };
    await thrownOut.StartAsync();
    await thrownOut.SendAsync("Abort");
    Check("thrown out", (await closed.Task.WaitAsync(TimeSpan.FromSeconds(10)))?.Message, null);
    Check("state", thrownOut.State, HubConnectionState.Disconnected);
}

// Silent for too long after a first ping: given up, and back again.
if (transport != HttpTransportType.LongPolling)
{
    await using var silent = Build("/hub", builder => builder.WithAutomaticReconnect([TimeSpan.Zero, TimeSpan.FromSeconds(1)]).WithKeepAliveInterval(TimeSpan.FromSeconds(4)).WithServerTimeout(TimeSpan.FromMinutes(1)));
    var back = new TaskCompletionSource();
    silent.Reconnected += _ => { back.TrySetResult(); return Task.CompletedTask; };
    await silent.StartAsync();
    await back.Task.WaitAsync(TimeSpan.FromSeconds(15));
    Check("back", await silent.InvokeAsync<int>("Add", 1, 1), 2);
}

await one.StopAsync();
Check("state", one.State, HubConnectionState.Disconnected);
Console.WriteLine($"{failures} failed");
return failures;

#pragma warning disable IDE1006, CS8618, CS8981 // the names are those on the wire
public sealed class item
{
    public string name { get; set; }
    public int count { get; set; }
}

public sealed class order
{
    public long id { get; set; }
    public double price { get; set; }
    public bool urgent { get; set; }
    public List<item> items { get; set; }
    public Dictionary<string, int> tags { get; set; }
    public byte[] blob { get; set; }
    public DateTime created { get; set; }
}
