# Trains the model of model.py on the rows that data.py makes, until a moment in time; Muon for the matrices, Adam for the rest. The
# schedule follows the wall clock. Checkpoints are atomic, a killed run goes on from the last one.
#   train.py END_EPOCH_SECONDS SHARDS OUT     (env: LONG share of time at which rows become 2048, BATCH tokens a step)
import os,sys,time,math,glob,json,random,threading,queue
import numpy as np,torch
from model import *
END,SD,OUT=float(sys.argv[1]),sys.argv[2],sys.argv[3]; os.makedirs(OUT,exist_ok=True)
E=os.environ.get; BATCH=int(E('BATCH','262144')); MICRO=int(E('MICRO','65536')); LONG=float(E('LONG','0.6')); WARM=int(E('WARM','150')); DECAY=float(E('DECAY','0.45'))
LR_M,LR_A,WD=float(E('LR_M','0.025')),float(E('LR_A','0.004')),float(E('WD','0.01'))
dev='cuda' if torch.cuda.is_available() else 'cpu'; torch.manual_seed(1); torch.set_float32_matmul_precision('high')
m=Model(Shape()).to(dev); P=dict(m.named_parameters()); print('params %.3fM'%(sum(p.numel() for p in P.values())/1e6),dev,flush=True)
run=torch.compile(m,dynamic=False) if dev=='cuda' else m
mats=[n for n,p in P.items() if p.dim()==2 and n!='e']; rest=[n for n in P if n not in mats]
groups={}
for n in mats: groups.setdefault(tuple(P[n].shape),[]).append(n)
mom={s:torch.zeros(len(g),*s,device=dev) for s,g in groups.items()}
m1={n:torch.zeros_like(P[n]) for n in rest}; m2={n:torch.zeros_like(P[n]) for n in rest}
def ns(G):
    X=G.bfloat16(); X=X/(X.float().norm(dim=(1,2),keepdim=True)+1e-7).bfloat16()
    for a,b,c in [(4.0848,-6.8946,2.9270),(3.9505,-6.3029,2.6377),(3.7418,-5.5913,2.3037),(2.8769,-3.1427,1.2046),(2.8366,-3.0525,1.2012)]:
        A=X@X.transpose(1,2); X=a*X+(b*A+c*(A@A))@X
    return X
def muon(M,G,mu):
    M.lerp_(G,1-mu); U=G.lerp(M,mu); tr=U.shape[1]>U.shape[2]
    return (ns(U.transpose(1,2)).transpose(1,2) if tr else ns(U)).float()*max(1,U.shape[1]/U.shape[2])**.5
if dev=='cuda': muon=torch.compile(muon,dynamic=False)
def update(k,step):
    mu=0.85+0.10*min(1,step/300)
    for s,g in groups.items():
        U=muon(mom[s],torch.stack([P[n].grad for n in g]),torch.tensor(mu,device=dev))
        torch._foreach_mul_([P[n].data for n in g],1-LR_M*k*WD); torch._foreach_add_([P[n].data for n in g],list(U.unbind(0)),alpha=-LR_M*k)
    b1,b2=0.9,0.95
    for n in rest:
        g=P[n].grad; m1[n].lerp_(g,1-b1); m2[n].lerp_(g*g,1-b2)
        P[n].data.add_((m1[n]/(1-b1**step))/((m2[n]/(1-b2**step)).sqrt()+1e-10),alpha=-LR_A*k*(1 if n=='e' else .5))
    for p in P.values(): p.grad=None
class Feed:
    # rows of the wanted length out of the shards, mixed in a pool
    def __init__(s): s.q=queue.Queue(3); s.T=None; s.pool=[]; s.n=0; s.waits=0; threading.Thread(target=s.loop,daemon=True).start()
    def loop(s):
        R=np.random.default_rng(3); X=[];W=[];have=0;T0=None
        while True:
            T=s.T
            if T is None: time.sleep(.01); continue
            if T!=T0: X,W,have,T0=[],[],0,T
            need=max(4*MICRO//T,64)
            fs=glob.glob('%s/%d_*.ready'%(SD,T)); random.shuffle(fs)
            for f in glob.glob(SD+'/*.ready'):
                if not os.path.basename(f).startswith('%d_'%T): os.remove(f)
            if not fs and have<MICRO//T: time.sleep(.01); s.waits+=1; continue
            for f in fs[:8]:
                d=np.load(f); X.append(d['x']); W.append(d['w']); have+=len(X[-1]); os.remove(f)
            if have<need and fs: continue
            x=np.concatenate(X); w=np.concatenate(W); o=R.permutation(len(x)); B=MICRO//T; k=len(x)//B*B
            for i in range(0,k,B):
                j=o[i:i+B]; a=torch.from_numpy(x[j].astype(np.int64)); b=torch.from_numpy(w[j].astype(np.float32))
                if dev=='cuda': a,b=a.pin_memory().to(dev,non_blocking=True),b.pin_memory().to(dev,non_blocking=True)
                s.q.put((T,a,b))
            X,W=[x[o[k:]]],[w[o[k:]]]; have=len(X[0])
    def get(s,T):
        if s.T!=T:
            open(SD+'/T.tmp','w').write(str(T)); os.rename(SD+'/T.tmp',SD+'/T'); s.T=T
        while True:
            t,a,b=s.q.get()
            if t==T: return a,b
feed=Feed(); st=dict(step=0,tok=0,t0=time.time(),log=[])
def save(f):
    torch.save(dict(P={n:p.data for n,p in P.items()},mom=mom,m1=m1,m2=m2,st=st),f+'.tmp'); os.replace(f+'.tmp',f)
if os.path.exists(OUT+'/ck.pt'):
    ck=torch.load(OUT+'/ck.pt',map_location=dev,weights_only=False); st=ck['st']
    for n in P: P[n].data.copy_(ck['P'][n])
    for a,b in ((mom,ck['mom']),(m1,ck['m1']),(m2,ck['m2'])):
        for k in a: a[k].copy_(b[k])
lt=time.time(); ltok=st['tok']; tsave=lt; acc=[]
while True:
    now=time.time(); fr=(now-st['t0'])/(END-st['t0'])
    if now>=END: break
    T=2048 if fr>=LONG else 1024; st['step']+=1; k=min(1,st['step']/WARM)*(1 if fr<1-DECAY else max(0.01,(1-fr)/DECAY))
    bs=BATCH//2 if fr<0.35 else BATCH; n=bs//MICRO; tot=torch.zeros(2,device=dev)
    for _ in range(n):
        x,w=feed.get(T); w=w[:,1:]
        with torch.autocast(dev,torch.bfloat16,enabled=dev=='cuda'):
            l,c=run(x[:,:-1].contiguous(),x[:,1:].contiguous(),w.contiguous())
        (l/c/n).backward(); tot+=torch.stack([l.detach(),c.detach()])
    update(k,st['step']); st['tok']+=bs; acc.append(tot)
    if st['step']==1 and T==1024: st['t0']=time.time()            # compilation does not count
    if st['step']%20==0:
        a=torch.stack(acc).sum(0); acc=[]; loss=(a[0]/a[1]).item(); now=time.time()
        st['log'].append((st['step'],st['tok'],round(loss,4),k,T,round(now-st['t0'],1)))
        print(st['step'],'T%d loss %.4f lr %.3f tok %.1fM tok/s %.2fM fr %.3f waits %d'%(T,loss,k,st['tok']/1e6,(st['tok']-ltok)/(now-lt)/1e6,fr,feed.waits),flush=True); lt,ltok=now,st['tok']
        if not math.isfinite(loss): print('NOT FINITE',flush=True); sys.exit(1)
    if now-tsave>60: save(OUT+'/ck.pt'); tsave=now
save(OUT+'/ck.pt'); open(OUT+'/done','w').write('%d'%st['tok']); print('done',st['step'],'steps %.1fM tokens'%(st['tok']/1e6),flush=True)
