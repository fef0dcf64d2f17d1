using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;

namespace BlazorChat;

public enum HubProtocol { Json, MessagePack }

public sealed record Message(string User, string Text);

/// <summary>What carries a connection, as the server sees it.</summary>
public sealed class Carrier
{
    public string Transport { get; set; } = "";
    public string Protocol { get; set; } = "";
    public string Http { get; set; } = "";
    public string Method { get; set; } = "";
}

/// <summary>The page's connection to the hub, and what has come over it. It outlives a change of the route.</summary>
public sealed class ChatConnection(Uri hub)
{
    private const string Room = "blazor";
    private const int MostMessages = 500;

    private HubConnection? connection;

    public HttpTransportType Transport { get; set; } = HttpTransportType.WebSockets;
    public HubProtocol Protocol { get; set; } = HubProtocol.Json;
    public bool StatefulReconnect { get; set; } = true;

    public bool IsConnected { get; private set; }
    public string Status { get; private set; } = "";
    public int People { get; private set; }
    public Queue<Message> Messages { get; } = new();

    /// <summary>Something of the above is another.</summary>
    public event Action? Changed;

    /// <summary>Connects with the settings as they are now, in place of an earlier connection.</summary>
    public async Task ConnectAsync()
    {
        var earlier = connection;
        var own = connection = Build();
        Show("Connecting...");
        try
        {
            if (earlier is not null) await earlier.DisposeAsync();
            await own.StartAsync();
            await EnterAsync(own);
        }
        catch (Exception error)
        {
            await ShowOf(own, $"Not connected: {error.Message}");
        }
    }

    public Task SendAsync(string user, string text) => connection!.InvokeAsync("Send", user, text);

    private HubConnection Build()
    {
        var builder = new HubConnectionBuilder().WithUrl(hub, Transport).WithAutomaticReconnect();
        if (StatefulReconnect) builder.WithStatefulReconnect();
        if (Protocol == HubProtocol.MessagePack) builder.AddMessagePackProtocol();
        var made = builder.Build();
        made.On<string, string>("ReceiveMessage", Receive);
        made.On<string, int, string>("People", (_, count, _) => { People = count; Changed?.Invoke(); });
        made.Reconnecting += _ => ShowOf(made, "The connection was lost. Coming back...");
        // It is another connection: a member of no room yet.
        made.Reconnected += _ => EnterAsync(made);
        made.Closed += error => ShowOf(made, error is null ? "Not connected." : $"Not connected: {error.Message}");
        return made;
    }

    private async Task EnterAsync(HubConnection entering)
    {
        await entering.InvokeAsync("JoinRoom", Room);
        var carrier = await entering.InvokeAsync<Carrier>("Carrier");
        if (entering != connection) return;
        // The other transports have no such thing.
        var stateful = StatefulReconnect && Transport == HttpTransportType.WebSockets ? ", stateful reconnect" : "";
        Show($"Connected: {carrier.Transport} over {carrier.Http} ({carrier.Method}), {carrier.Protocol}{stateful}.", true);
    }

    private void Receive(string user, string text)
    {
        Messages.Enqueue(new(user, text));
        if (Messages.Count > MostMessages) Messages.Dequeue();
        Changed?.Invoke();
    }

    /// <summary>Of an earlier connection nothing is shown any more.</summary>
    private Task ShowOf(HubConnection of, string status)
    {
        if (of == connection) Show(status);
        return Task.CompletedTask;
    }

    private void Show(string status, bool connected = false)
    {
        Status = status;
        IsConnected = connected;
        Changed?.Invoke();
    }
}
