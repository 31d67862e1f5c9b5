using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Akka.Actor;
using McpActors.Telemetry;

namespace McpActors.Tests.Telemetry;

/// <summary>Records the measurements of the pools of one actor system.</summary>
internal sealed class MetricRecorder : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Measured> _measured = new();
    private readonly ConcurrentDictionary<string, string?> _units = new();

    public MetricRecorder(ActorSystem system)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != TelemetryNames.Meter || !ReferenceEquals(instrument.Meter.Scope, system))
                return;
            _units[instrument.Name] = instrument.Unit;
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    public IEnumerable<string> Instruments => _units.Keys;

    /// <summary>The unit of each instrument, by the instrument's name.</summary>
    public IReadOnlyDictionary<string, string?> Units => _units;

    /// <summary>The measurements of an instrument so far; the current ones of a gauge.</summary>
    public IReadOnlyList<Measured> Of(string instrument)
    {
        if (_measured.All(measured => measured.Instrument != instrument))
            _listener.RecordObservableInstruments();
        return [.. _measured.Where(measured => measured.Instrument == instrument)];
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Enqueue(new Measured(instrument.Name, value, tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value?.ToString())));

    /// <summary>One measurement.</summary>
    public sealed record Measured(string Instrument, double Value, IReadOnlyDictionary<string, string?> Tags)
    {
        public string? this[string attribute] => Tags.GetValueOrDefault(attribute);
    }
}
