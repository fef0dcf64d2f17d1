// Everything that the .NET client does, against the server of the interoperation tests.
//
//   dotnet run ADDRESS TRANSPORT PROTOCOL TOKEN NEWER_TOKEN
//
// Prints one line for each check that failed, and gives their number.

using System.Threading.Channels;
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

HubConnection Build(string path, Action<HubConnectionBuilder>? more = null, Func<string>? accessToken = null)
{
    var builder = new HubConnectionBuilder();
    builder.WithUrl(address + path, transport, options =>
    {
        options.HttpMessageHandlerFactory = handler =>
        {
            if (handler is HttpClientHandler client) client.ServerCertificateCustomValidationCallback = (_, _, _, _) => true;
            return handler;
        };
        options.WebSocketConfiguration = socket => socket.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        if (accessToken is not null) options.AccessTokenProvider = () => Task.FromResult<string?>(accessToken());
    });
    if (protocol == "messagepack") builder.AddMessagePackProtocol();
    more?.Invoke(builder);
    return builder.Build();
}

async Task<HubConnection> Connect(string path = "/hub", string? accessToken = null)
{
    var connection = Build(path, accessToken: accessToken is null ? null : () => accessToken);
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

// Classes as .NET has them: the names in each protocol's own way, the values in each type's.
Parcel MakeParcel(string label) => new() { Label = label, NetWeight = 1.25, HowUrgent = Urgency.High, Contents = [new() { Label = "inner" }] };
void CheckParcel(string what, Parcel actual, string label)
{
    Check($"{what}: its label", actual.Label, label);
    Check($"{what}: its weight", actual.NetWeight, 2.5);
    Check($"{what}: its urgency", actual.HowUrgent, Urgency.VeryHigh);
    Check($"{what}: its contents", actual.Contents.Single().Label, "inner!");
    Check($"{what}: its contents' weight", actual.Contents.Single().NetWeight, null);
    Check($"{what}: its contents' urgency", actual.Contents.Single().HowUrgent, Urgency.Low);
    Check($"{what}: its contents' contents", actual.Contents.Single().Contents.Count, 0);
}

var full = new Shipment
{
    TrackingId = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), SentBy = "Anna", Note = "mind the step", FloorNumber = 7, AtLeast = Urgency.High,
    HowUrgent = Urgency.High, TotalWeight = 2.5, SentAt = new DateTime(2024, 2, 28, 23, 59, 59, DateTimeKind.Utc).AddTicks(1_234_567), ArrivedAt = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc),
    Parcels = [MakeParcel("first"), MakeParcel("second")], ByLabel = new() { ["third"] = MakeParcel("third") },
};
var forwarded = await one.InvokeAsync<Shipment>("Forward", full);
Check("tracking id", forwarded.TrackingId, Guid.Parse("ff112233-4455-6677-8899-aabbccddeeff"));
Check("sender", forwarded.SentBy, "Anna!");
Check("note", forwarded.Note, "mind the step!");
Check("floor", forwarded.FloorNumber, 8);
Check("least urgency", forwarded.AtLeast, Urgency.VeryHigh);
Check("urgency", forwarded.HowUrgent, Urgency.VeryHigh);
Check("weight", forwarded.TotalWeight, 5.0);
Check("sent", (forwarded.SentAt, forwarded.SentAt.Kind), (full.SentAt.AddDays(1), DateTimeKind.Utc));
Check("arrived", forwarded.ArrivedAt, full.ArrivedAt.Value.AddDays(1));
Check("parcels", forwarded.Parcels.Count, 2);
CheckParcel("first", forwarded.Parcels[0], "first!");
CheckParcel("second", forwarded.Parcels[1], "second!");
Check("labels", forwarded.ByLabel.Count, 1);
CheckParcel("third", forwarded.ByLabel["third"], "third!");

// What a class begins with, and what its types can hold besides.
var empty = await one.InvokeAsync<Shipment>("Forward", new Shipment());
Check("no tracking id", empty.TrackingId, Guid.Parse("ff000000-0000-0000-0000-000000000000"));
Check("no sender", empty.SentBy, "!");
Check("nothing that may be missing", empty.Note ?? (object?)empty.FloorNumber ?? empty.AtLeast ?? (object?)empty.ArrivedAt, null);
Check("default urgency", empty.HowUrgent, Urgency.Low);
Check("default time", empty.SentAt, DateTime.MinValue.AddDays(1));
Check("no parcels", empty.Parcels.Count + empty.ByLabel.Count, 0);
Check("an unnamed urgency", (await one.InvokeAsync<Shipment>("Forward", new Shipment { HowUrgent = (Urgency)7 })).HowUrgent, (Urgency)7);
Check("local time", (await one.InvokeAsync<Shipment>("Forward", new Shipment { SentAt = full.SentAt.ToLocalTime() })).SentAt.ToUniversalTime(), full.SentAt.AddDays(1));
// JSON has no such number: .NET's client refuses to send it.
if (protocol == "messagepack") Check("no number", (await one.InvokeAsync<Shipment>("Forward", new Shipment { TotalWeight = double.NaN })).TotalWeight, double.NaN);

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

#if CLIENT_11
// Newer credentials, without a reconnect.
var current = token;
await using (var refreshing = Build("/secured", builder => builder.WithAuthenticationRefresh(options => options.EnableAutoRefresh = false), () => current))
{
    refreshing.On<string>("Note", note => notes.Writer.TryWrite(note));
    var lifetime = new TaskCompletionSource<TimeSpan?>();
    refreshing.AuthenticationRefreshed += context => { lifetime.TrySetResult(context.NewTokenLifetime); return Task.CompletedTask; };
    await refreshing.StartAsync().WaitAsync(TimeSpan.FromSeconds(10));
    Check("level", await refreshing.InvokeAsync<string>("Level"), "low");
    current = args[4];
    await refreshing.RefreshAuthenticationAsync().WaitAsync(TimeSpan.FromSeconds(10));
    Check("refreshed", await Note(), "refreshed high");
    Check("newer level", await refreshing.InvokeAsync<string>("Level"), "high");
    Check("lifetime", (await lifetime.Task.WaitAsync(TimeSpan.FromSeconds(10)))?.TotalSeconds > 0, true);
}

// A call that is cancelled.
using (var stop = new CancellationTokenSource())
{
    var waiting = one.InvokeAsync("UntilCancelled", stop.Token);
    await two.InvokeAsync("Nothing");
    stop.Cancel();
    try { await waiting; Check("cancelled", "an answer", "none"); } catch (OperationCanceledException) { }
    var cancelled = $"call cancelled {await Id(one)}";
    for (var i = 0; i < 100 && !(await one.InvokeAsync<string[]>("ReadJournal")).Contains(cancelled); ++i) await Task.Delay(50);
    Check("cancelled call", (await one.InvokeAsync<string[]>("ReadJournal")).Contains(cancelled), true);
}
#endif

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
    await using var silent = Build("/impatient", builder => builder.WithAutomaticReconnect([TimeSpan.Zero, TimeSpan.FromSeconds(1)]).WithKeepAliveInterval(TimeSpan.FromSeconds(4)).WithServerTimeout(TimeSpan.FromMinutes(1)));
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

public enum Urgency { Low, High, VeryHigh }

public sealed class Parcel
{
    public string Label { get; set; } = "";
    public double? NetWeight { get; set; }
    public Urgency HowUrgent { get; set; }
    public List<Parcel> Contents { get; set; } = [];
}

public sealed class Shipment
{
    public Guid TrackingId { get; set; }
    public string SentBy { get; set; } = "";
    public string? Note { get; set; }
    public int? FloorNumber { get; set; }
    public Urgency? AtLeast { get; set; }
    public Urgency HowUrgent { get; set; }
    public double TotalWeight { get; set; }
    public DateTime SentAt { get; set; }
    public DateTime? ArrivedAt { get; set; }
    public List<Parcel> Parcels { get; set; } = [];
    public Dictionary<string, Parcel> ByLabel { get; set; } = [];
}

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
