fn main() {
    for p in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&p).unwrap();
        let spec = model::workspace::read(source::FileId(0), &p, &text);
        println!("== {p} {:?} claims {}", spec.title, spec.claims().all.len());
        for e in &spec.entities { println!("entity {} {:?} kept={} base={:?} sources={}", e.name.value, e.purpose, e.kept, e.base, e.sources.len());
          for f in &e.fields { println!("   {} : {} req={} null={} def={:?} key={} set={} rules={:?}", f.name.value, f.ty.as_ref().map_or("?".into(), |t| t.value.describe()), f.required, f.nullable, f.default.as_ref().map(|d|&d.value), f.is_key, f.server_set, f.rules.iter().map(|r|&r.value).collect::<Vec<_>>()); }
          for c in &e.constraints { println!("   | {} => {}", c.text.value, match &c.meaning { model::Meaning::Cel(c)=>format!("CEL {}", c.source), model::Meaning::English(r)=>format!("EN {r:?}"), model::Meaning::Broken(p)=>format!("BROKEN {p:?}"), model::Meaning::Text=>"text".into()}); } }
        for a in &spec.aliases { println!("alias {} = {}", a.name.value, a.ty.describe()); }
        for e in &spec.endpoints { println!("endpoint {} {} {:?} {:?} entity={:?} parent={:?} params={:?} req={} resp={:?} errors={:?} table={} {:?}", e.method, e.path, e.behaviour.kind, e.behaviour.event, e.behaviour.entity.map(|i| &spec.entities[i].name.value), e.behaviour.parent, e.parameters.iter().map(|p|(&p.value.name,&p.value.default,&p.value.rules)).collect::<Vec<_>>(), e.requests.len(), e.responses.iter().map(|r|(r.status,r.inferred,r.body.is_some())).collect::<Vec<_>>(), e.errors.iter().map(|r|(r.status,&r.code)).collect::<Vec<_>>(), e.error_table.is_some(), e.behaviour.inferred); }
        for m in &spec.machines { println!("machine {} {} bound={:?} init={:?} states={:?} sources={:?}", m.subject, m.name.value, m.bound, m.initial.as_ref().map(|i|&i.value), m.states.iter().map(|s|(&s.name.value,s.final_at.is_some())).collect::<Vec<_>>(), m.sources.iter().map(|s|s.form).collect::<Vec<_>>());
          for t in &m.transitions { println!("   {} -{:?}-> {} guard={:?} assign={:?} said={}", t.from, t.event.as_ref().map(|e|&e.value), t.to, t.guard, t.assignments, t.said.len()); } }
        println!("options {:?}", spec.options.iter().map(|o|(&o.name.value,o.ty.as_ref().map(|t|t.value.describe()),o.default.as_ref().map(|d|&d.value))).collect::<Vec<_>>());
        println!("vars {:?}", spec.variables.iter().map(|o|(&o.name.value,o.required)).collect::<Vec<_>>());
        for t in &spec.targets { println!("{} {:?} {:?}", t.kind, t.text.value, t.quantities); }
        println!("categories {:?}", spec.categories.iter().map(|c|&c.name.value).collect::<Vec<_>>());
        for p in &spec.facts.problems { println!("problem {:?} {} @{:?}", p.kind, p.message, &text[p.span.range()].chars().take(40).collect::<String>()); }
    }
}
