# corpus.jsonl -> heldout.jsonl (0.5 % of the files, by path) and part1.jsonl, part2.jsonl: capped by language, whole packages, grouped so that they
# compress well.   parts.py corpus.jsonl SCALE
import json,random,sys,hashlib,collections
CAP=dict(ts=200,js=85,py=175,go=36,rust=36,java=36,c=28,cpp=34,html=10,css=11,sh=5,sql=3,md=4,yaml=1.5,json=1)
scale=float(sys.argv[2]); R=random.Random(4); held=lambda p:hashlib.md5(p.encode()).digest()[0:2]<b'\x01\x48'
by=collections.defaultdict(lambda:collections.defaultdict(list)); hold=[]; tot=collections.Counter()
for line in open(sys.argv[1]):
    l,p,t=json.loads(line); tot[l]+=len(t)
    if held(p): hold.append(line); continue
    a=p.split('/'); by[l][('/'.join(a[:2]) if p[0]=='@' else a[0])].append((len(t),line))
print({k:round(v/1e6,1) for k,v in tot.items()})
R.shuffle(hold); open('heldout.jsonl','w').writelines(hold); print(len(hold),'held out')
parts=[[],[]]; got=collections.Counter()
side={}
for l,repos in by.items():
    # a package gives at most its share, so that large ones do not crowd out the many
    cap=CAP[l]*1e6*scale; names=list(repos); R.shuffle(names); lim=2e6
    for r in names: R.shuffle(repos[r])
    def fill(lim): return sum(min(lim,sum(n for n,_ in repos[r])) for r in names)
    while fill(lim)>cap and lim>2e4: lim*=.9
    while fill(lim)<cap and lim<3e7: lim*=1.1
    for r in names:
        n=0; k=side.setdefault(r,R.randrange(2))
        for c,line in repos[r]:
            if n>=lim or got[l]>cap: break
            n+=c; got[l]+=c; parts[k].append((l,r,line))
print({k:round(v/1e6,1) for k,v in got.items()},sum(got.values())/1e6)
for i,p in enumerate(parts):
    p.sort(key=lambda x:(x[0],x[1])); open('part%d.jsonl'%(i+1),'w').writelines(x[2] for x in p)
